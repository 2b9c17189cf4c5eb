/**
 * What every command is given, and nothing else: commands never touch process, streams, the database or the clock.
 *
 * To add a noun: write commands/<noun>.ts exporting `<noun>Command(frame): Command` (commands/config.ts is the model), and name it
 * in `commands` of program.ts. A verb's action opens the database with `frame.operate`, performs operations as the operator and
 * prints through `frame.output`, which knows `--json`. A Refusal may simply fly: run.ts makes a sentence and exit status 1 of it;
 * a `UsageError` (exit.ts) becomes 2. Help, docs/cli.md and the completions follow from the Command by themselves; what `--json` prints
 * is promised to scripts in docs/json.md, and a test asks that it stands there.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Actor } from '../domain/actor.ts';
import type { KeyAlgorithm, PublishedKey } from '../domain/dkim-key.ts';
import type { CheckedMail } from '../domain/incoming.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Site } from '../domain/site.ts';
import type { ImportReport } from '../operations/archive/import-archive.ts';
import type { ImportProgress } from '../operations/archive/run-import.ts';
import type { DkimKeyReport } from '../operations/keys/describe-dkim-key.ts';
import type { Operation } from '../operations/operation.ts';
import type { Perform } from '../operations/perform.ts';
import { type AskedChoice, askChoice } from './ask-choice.ts';
import { askFirst } from './ask-first.ts';
import { createOutput, type Output } from './output.ts';
import { type Progress, startProgress } from './progress.ts';

export interface Frame {
  readonly output: Output;
  /** The configuration, read when first asked for. Throws ConfigError. */
  config(): LoadedConfig;
  /**
   * Opens the database, runs `work`, and closes it whatever happens. One of an older version is refused, because a server of that
   * version may be at work on it, unless the command is there to `upgrade` it.
   */
  operate<T>(work: (desk: Desk) => Promise<T>, how?: { readonly upgrade: boolean }): Promise<T>;
  /**
   * Before something that cannot be undone, or has the `consequence` that is said instead: asks on a terminal; elsewhere, throws
   * UsageError unless `yes`.
   */
  askFirst(
    question: string,
    options: { readonly yes?: boolean | undefined; readonly consequence?: string },
  ): Promise<void>;
  /** What only a person can say: asks on a terminal; elsewhere undefined. */
  askChoice<V extends string>(choice: AskedChoice<V>): Promise<V | undefined>;
  /** A bar on a terminal once a second has passed; nothing elsewhere. */
  progress(label: string, total?: number): Progress;
  /** The bytes of FILE, or of standard input for `-`. */
  read(file: string): Promise<Buffer>;
  /** Into a new file: one that is there is never overwritten. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  /** For the commands that move the whole of it; `operate` opens it for all others. */
  readonly databases: Databases;
  readonly start: Starters;
}

export interface Desk {
  /** As the operator. */
  perform<I, O>(operation: Operation<I, O>, input: unknown): Promise<O>;
  readonly site: Site;
  readonly store: Database;
  readonly archives: Archives;
  /** A mail from a file, as the door would find it: checked with DNS and what else is configured. */
  examine(raw: Buffer, envelope: MailEnvelope): Promise<ExaminedMail>;
  readonly dkim: DkimDesk;
}

/** What keys to sign with need of the world outside. */
export interface DkimDesk {
  /** What DNS shows where the record of a key of ours should be. */
  findPublished(key: DkimKeyReport): Promise<PublishedKey>;
  /** PKCS #8, DER. */
  makePrivate(algorithm: KeyAlgorithm): Promise<Buffer>;
}

/** Where a mail would have come from. */
export interface MailEnvelope {
  /** Envelope sender; '' is the null sender. */
  readonly from?: string;
  readonly ip?: string;
  readonly helo?: string;
}

export type ExaminedMail =
  | { readonly kind: 'mail'; readonly mail: CheckedMail }
  /** Refused at DATA for its form, with this reply. */
  | { readonly kind: 'malformed'; readonly reply: string };

/** Work on a whole archive: many operations, and files outside the database. */
export interface Archives {
  importFrom(request: {
    readonly list: string;
    readonly path: string;
    progress(soFar: ImportProgress): void;
  }): Promise<ImportReport>;
  /** Without a path, an mbox to standard output. */
  exportTo(request: {
    readonly list: string;
    readonly format: 'mbox' | 'maildir' | 'eml';
    readonly path?: string;
    progress(posts: number): void;
  }): Promise<{ readonly posts: number }>;
}

/** What the `db` commands ask of the database itself; everything else goes through operations. */
export interface Database {
  /** A sentence for each thing wrong with it. */
  check(): Promise<readonly string[]>;
  /** A consistent copy, as of now, in a new file. */
  backup(file: string): Promise<void>;
}

/** What puts one database in the place of another; no server may be at work. */
export interface Databases {
  /** Where the one is kept that was there, and whether mail waited in the backup, so that the queue is paused. */
  restore(
    loaded: LoadedConfig,
    backup: string,
  ): Promise<{ readonly kept: string | undefined; readonly paused: boolean }>;
  /** Into an empty one. */
  copyTo(
    loaded: LoadedConfig,
    url: string,
    copied: (rows: number) => void,
  ): Promise<{ readonly rows: number }>;
}

/** What the program's main gives to the command line. */
export interface Surroundings {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  openOperations(loaded: LoadedConfig, how: { readonly upgrade: boolean }): Promise<OpenOperations>;
  readonly databases: Databases;
  readonly start: Starters;
}

export interface OpenOperations {
  readonly perform: Perform;
  readonly site: Site;
  readonly store: Database;
  readonly archives: Archives;
  readonly examine: Desk['examine'];
  readonly dkim: DkimDesk;
  close(): Promise<void>;
}

/** The long-running commands; each resolves when it has stopped in good order. */
export interface Starters {
  serve(loaded: LoadedConfig): Promise<void>;
  /** `exit`: end after the story. Throws when a step did not happen. */
  demo(options: { readonly exit: boolean }): Promise<void>;
}

/** The options before or after any command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `options` is asked only once the command line has been parsed. */
export function createFrame(around: Surroundings, options: () => GlobalOptions): Frame {
  const config = once(() => loadConfig({ file: options().config, env: around.env, cwd: around.cwd }));
  return {
    output: createOutput(around, () => options().json === true),
    config,
    operate: (work, how = { upgrade: false }) => operate(() => openWith(around, config(), how), work),
    askFirst: (question, { yes, consequence }) =>
      yes ? Promise.resolve() : askFirst(around, question, consequence),
    askChoice: (choice) => askChoice(around, choice),
    progress: (label, total) => startProgress(around.stderr, label, total),
    read: (file) => (file === '-' ? buffer(around.stdin) : readNamed(file)),
    write: writeNew,
    databases: around.databases,
    start: around.start,
  };
}

/** Nothing is written over. */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Refusal('conflict', `${file} exists already, and nothing is written over: name another file.`);
  }
}

/** Node names the file where it cannot be opened, and not where it is a folder. */
async function readNamed(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}

const operator: Actor = { kind: 'operator', via: 'cli' };

/** Without a configuration a command works on trial data: whoever forgot to name theirs must not think that it is lost. */
function openWith(
  around: Surroundings,
  loaded: LoadedConfig,
  how: { readonly upgrade: boolean },
): Promise<OpenOperations> {
  if (loaded.source.kind === 'trial') {
    around.stderr.write(
      `listwright: no configuration found; working on the trial data in ${loaded.config.data_dir}\n`,
    );
  }
  return around.openOperations(loaded, how);
}

async function operate<T>(open: () => Promise<OpenOperations>, work: (desk: Desk) => Promise<T>): Promise<T> {
  const { perform, close, ...rest } = await open();
  try {
    return await work({ perform: (operation, input) => perform(operation, operator, input), ...rest });
  } finally {
    await close();
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
