import { PassThrough } from 'node:stream';
import type { ExitStatus } from '../../src/cli/exit.ts';
import type { Archives, OpenOperations, Surroundings } from '../../src/cli/frame.ts';
import { runCli } from '../../src/cli/run.ts';
import type { Desk } from './desk.ts';
import { noDkim } from './no-dkim.ts';

export interface CliResult {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSetting
  extends Partial<Pick<Surroundings, 'env' | 'cwd' | 'openOperations' | 'databases' | 'start'>> {
  /** Pretend to be a terminal of 100 columns. */
  readonly terminal?: boolean;
  /** What is typed or piped in. */
  readonly stdin?: string;
}

/** Runs a command line in this process, on streams of its own. Without `openOperations` a command that needs it fails. */
export async function runCommandLine(args: readonly string[], setting: CliSetting = {}): Promise<CliResult> {
  const { terminal = false, stdin = '', ...given } = setting;
  const out = new PassThrough();
  const err = new PassThrough();
  const input = new PassThrough();
  input.end(stdin);
  const stream = <S>(through: PassThrough) => Object.assign(through, { isTTY: terminal, columns: 100 }) as S;
  const missing = () => Promise.reject(new Error('this test has no server and no database'));
  const status = await runCli(args, {
    version: '1.2.3',
    // Somebody who has configured it, wherever a database is opened: else each command says that it works on trial data.
    env: given.openOperations ? { LISTWRIGHT_DELIVERY__TRANSPORT: 'capture' } : {},
    cwd: '/nonexistent',
    openOperations: missing,
    databases: { restore: missing, copyTo: missing },
    start: { serve: missing, demo: missing },
    ...given,
    stdin: stream(input),
    stdout: stream(out),
    stderr: stream(err),
  });
  return { status, stdout: textOf(out), stderr: textOf(err) };
}

function textOf(through: PassThrough): string {
  return (through.read() as Buffer | null)?.toString('utf8') ?? '';
}

/** For commands that have nothing to do with archives. */
export const noArchives: Archives = {
  importFrom: () => Promise.reject(new Error('no archive is needed')),
  exportTo: () => Promise.reject(new Error('no archive is needed')),
};

/** For commands that look at no mail. */
export const noExamining: OpenOperations['examine'] = () => Promise.reject(new Error('no mail is examined'));

/** A command line over operations of the test's own: archives, keys in DNS and the checking of mails are not there. */
export function opening(desk: Desk): Surroundings['openOperations'] {
  return async () => ({
    ...desk,
    archives: noArchives,
    examine: noExamining,
    dkim: noDkim,
    close: async () => {},
  });
}
