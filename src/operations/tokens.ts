import { createHash } from 'node:crypto';
import { describeActor } from '../domain/actor.ts';
import { encodeBits, normalizeToken, type TokenKind, tokenLength } from '../domain/token.ts';
import { findToken, insertToken, type StoredToken } from '../store/tokens.ts';
import type { Context } from './operation.ts';

const day = 86_400_000;

/**
 * How long a token can be used (email.md §3.1): a week for what somebody asked for (people are away over a weekend), a month
 * for what they were asked.
 */
export const lifetimes: Readonly<Record<TokenKind, number>> = {
  join: 7 * day,
  leave: 7 * day,
  preferences: 7 * day,
  address: 7 * day,
  rejoin: 7 * day,
  'post-anyway': 2 * day,
  release: 14 * day,
  withdraw: 14 * day,
  moderate: 14 * day,
  officer: 7 * day,
  admit: 30 * day,
  invite: 30 * day,
  // Three weeks of probes, and longer: whoever finds the mail late comes back by it.
  resume: 90 * day,
};

export interface TokenOrder {
  readonly kind: TokenKind;
  readonly listId: number | null;
  readonly email: string;
  readonly payload: unknown;
  /** Overrides the kind's own lifetime, epoch milliseconds. */
  readonly expiresAt?: number;
}

/** Makes a token of 75 random bits; only its SHA-256 is stored. Returns what goes into the mail. */
export async function issueToken(
  context: Context,
  order: TokenOrder,
): Promise<{ token: string; expiresAt: number }> {
  const token = encodeBits(context.randomBytes(10), tokenLength);
  const expiresAt = order.expiresAt ?? context.now + lifetimes[order.kind];
  await insertToken(context.tx, {
    kind: order.kind,
    sha256: digest(token),
    listId: order.listId,
    email: order.email,
    payload: order.payload,
    askedBy: describeActor(context.actor),
    createdAt: context.now,
    expiresAt,
  });
  return { token, expiresAt };
}

/** The stored token behind what somebody typed, pressed or replied to; undefined when we never made it. */
export async function lookUpToken(context: Context, text: string): Promise<StoredToken | undefined> {
  const token = normalizeToken(text);
  return token ? findToken(context.tx, digest(token)) : undefined;
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
