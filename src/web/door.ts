import type { HmacKeys } from '../domain/keys.ts';
import type { Log } from '../domain/log.ts';
import type { Perform } from '../operations/perform.ts';
import type { Outbox } from './outbox.ts';

/** What the pages need of the program behind them. */
export interface WebDoor {
  readonly perform: Perform;
  readonly log: Log;
  /** Seal the hidden time of forms. */
  readonly keys: HmacKeys;
  /** Epoch milliseconds. */
  now(): number;
  /** Asked by `/healthz`. Whoever reads it is a stranger: nothing but facts that may be public. */
  health(): Promise<Health>;
  /** What trial mode and demo have besides: captured mails, and a reader of what a mail says, as plain text. */
  readonly trial?: { readonly outbox: Outbox; readableText(raw: Buffer): string };
}

export interface Health {
  readonly ok: boolean;
  readonly [fact: string]: string | number | boolean;
}

export interface WebOptions {
  /** `127.0.0.1:8080`; port 0 lets the system choose one. */
  readonly listen: string;
  /** Where the pages are reached from outside, without a slash at the end. It may have a path: `https://example.org/lists`. */
  readonly baseUrl: string;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Opens `/outbox` to whoever has it, on loopback only. Trial mode and demo set it, nobody else. */
  readonly outboxKey?: string;
}
