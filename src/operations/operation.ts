import type { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import type { HmacKeys } from '../domain/keys.ts';
import type { Site } from '../domain/site.ts';
import type { ClaimedDelivery, Lease } from '../store/claims.ts';
import type { Db, Store } from '../store/store.ts';

/**
 * One thing anybody can do, whichever door they come through. `perform()` is the only caller: validate → authorise →
 * transaction → run → audit → commit.
 */
export interface Operation<Input, Outcome> {
  /** `join`, `create-list`: the file's name, the audit trail's word. */
  readonly name: string;
  /** A `query` reads only, and is not audited. */
  readonly kind: 'command' | 'query';
  /** One sentence, shown in the CLI's help and in generated references. */
  readonly summary: string;
  readonly input: z.ZodType<Input>;
  /** False: a power cut may take the last second of it back, because it can be done again. Default true. */
  readonly durable?: boolean;
  /** Throws Refusal('not-allowed', …) or returns quietly. */
  authorise(context: Context, input: Input): Promise<void> | void;
  /** May be run again: no effect but on `context`. */
  run(context: Context, input: Input): Promise<Outcome>;
  /**
   * What the audit trail keeps of a command; undefined: no row, because the verbs it performs write theirs or its own table is the
   * record. Without it: the plain fields of the input.
   */
  audit?(input: Input, outcome: Outcome): AuditDetail | undefined;
}

export interface AuditDetail {
  readonly listId?: number;
  readonly [fact: string]: string | number | boolean | null | undefined;
}

/** What a run sees of the world. */
export interface Context {
  readonly tx: Db;
  readonly actor: Actor;
  readonly site: Site;
  readonly keys: HmacKeys;
  readonly fullText: Store['capabilities']['fullText'];
  /** Epoch milliseconds, the same for the whole run. */
  readonly now: number;
  randomBytes(length: number): Uint8Array;
  /** Deliveries may be made claimed, with this lease, if they are handed over; undefined: they must be queued. */
  lease(): Lease | undefined;
  /** To the worker of this process, once the run is committed. */
  handOver(deliveries: readonly ClaimedDelivery[]): void;
  /** Another operation inside this transaction, with its own validation, rights and audit row. */
  perform<I, O>(operation: Operation<I, O>, actor: Actor, raw: unknown): Promise<O>;
}

/** What operations need of the world outside; made once by main (and by tests). */
export interface Outside {
  readonly store: Store;
  readonly site: Site;
  readonly keys: HmacKeys;
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** With which a worker of this process would hold deliveries that are made now; without it, or undefined: none takes them. */
  lease?(): Lease | undefined;
  /** Called after each committed command: there may be fresh deliveries, those `handedOver` among them, and fresh posts to index. */
  committed(handedOver: readonly ClaimedDelivery[]): void;
}
