import type { Kysely } from 'kysely';
import type { Log } from '../domain/log.ts';
import type { SchemaHandling, SchemaState } from './migrate.ts';
import type { Schema } from './schema.ts';

/** A connection or an open transaction; the functions of the table files take one as their first argument. */
export type Db = Kysely<Schema>;

/** What an engine can do, where the two truly differ: code asks for the ability, never for the engine's name. */
export interface Capabilities {
  /** `select … for update skip locked`: several nodes claim side by side. */
  readonly skipLocked: boolean;
  readonly fullText: 'fts5' | 'tsvector';
}

export interface Store {
  readonly capabilities: Capabilities;

  /** Runs queries on a connection that never waits for a writer and cannot write. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;

  /**
   * Runs `work` in a transaction and resolves after the commit is on disk. `work` may be run again (a lost race on PostgreSQL; on
   * SQLite it shares its commit with up to 49 others, and one of them failed): so it has no effect but its queries, and
   * waits for nothing else. Throws `Refusal('busy')` when the database stays locked for 5 seconds.
   */
  write<T>(work: (tx: Db) => Promise<T>, how?: WriteMode): Promise<T>;

  /** Calls back, within a second, after another process has committed something. Returns the way to stop. */
  onOutsideChange(listener: () => void): () => void;

  /** Whether the tables are the ones that this program expects. */
  schema(): Promise<SchemaState>;

  /** Reads the whole database and returns a sentence for each thing wrong with it. Holds this process up: for the operator's command. */
  check(): Promise<readonly string[]>;

  /**
   * Writes a consistent copy, as of now, to a new file that only its owner can read, while others read and write. Holds this
   * process up: for the operator's command. Throws `Refusal('exists')`, and `Refusal('invalid')` on PostgreSQL, which has its own tool.
   */
  backup(file: string): Promise<void>;

  /** Waits for what was begun; may be called twice. */
  close(): Promise<void>;
}

export interface WriteMode {
  /** False: the commit may be lost in a power cut (never in a crash of ours); the next durable one, or a second, makes it safe. Default true. */
  readonly durable?: boolean;
  /** True: before everybody who waits already, where writers wait for each other. For what must be known before anything else happens. */
  readonly first?: boolean;
  /** PostgreSQL only; SQLite is always serializable. Default 'serializable'. */
  readonly isolation?: 'serializable' | 'read committed';
}

export interface OpenOptions {
  /** Folder that a relative SQLite file name starts from. */
  readonly dataDir: string;
  readonly log?: Log;
  /** `upgrade` (default): bring the schema up to this program's; `new`: only where there is none yet; `leave`: never. */
  readonly schema?: SchemaHandling;
  /** Whether a write or a read inside a write throws. Default: from Node 24 on; tests ask for it everywhere. */
  readonly checkNesting?: boolean;
  /** The disk has failed: nothing can be written until the program is started again. Called once. */
  readonly onBroken?: () => void;
}
