import { z } from 'zod';
import { type Address, maskAddress } from '../../domain/address.ts';
import { listAddress } from '../../domain/list.ts';
import type { TokenKind } from '../../domain/token.ts';
import type { Held } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { commandsOf } from '../commands/officer-commands.ts';
import { formatDay } from '../notices.ts';
import type { Operation } from '../operation.ts';
import { asksAboutHeld, fateOf, heldBehind, nameOfHeld } from '../posting/held-question.ts';
import { lookUpToken } from '../tokens.ts';
import { canAskAgain } from './ask-again.ts';

/** What a confirmation page may show: links are forwarded and logged on their way, so addresses are masked. */
export interface Confirmation {
  readonly kind: TokenKind;
  /** Absent where the question is about no single list, or the list is gone. */
  readonly list?: { readonly title: string; readonly address: string };
  /** Masked: whom the question was mailed to. */
  readonly email: string;
  /**
   * `admit`: who wants in, in full, because the officer decides about them. `officer`: the commands. `address`: the new address, masked.
   * `release`, `withdraw`: the subject of the post, on one line, cut. `resume`: the lists whose posts do not come.
   */
  readonly about?: string;
  readonly state:
    | { readonly kind: 'open' }
    /** `on`: a day, as it reads in a sentence. `result`: a sentence. */
    | { readonly kind: 'done'; readonly on: string; readonly result: string }
    /** The post that it asks about no longer waits, and not because of an answer here. `on`: absent where it is no longer kept. */
    | { readonly kind: 'overtaken'; readonly on?: string; readonly result: string }
    | { readonly kind: 'expired'; readonly canAskAgain: boolean };
}

/** Undefined for a token we never made, or made so long ago that it is forgotten. Changes nothing, burns nothing. */
export const showConfirmation: Operation<{ token: string }, Confirmation | undefined> = {
  name: 'show-confirmation',
  kind: 'query',
  summary: 'Tells what a confirmation link is about.',
  input: z.object({ token: z.string().max(100) }),
  authorise: () => {},
  run: async (context, { token: text }) => {
    const token = await lookUpToken(context, text);
    if (!token) return undefined;
    const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
    const held = asksAboutHeld(token) ? await heldBehind(context, token) : undefined;
    const about = held ? nameOfHeld(held) : aboutWhom(token);
    return {
      kind: token.kind,
      ...(list && { list: { title: list.title, address: listAddress(list) } }),
      email: mask(token.email),
      ...(about !== undefined && { about }),
      state: overtakenBy(token, held) ?? stateOf(token, context.now),
    };
  },
};

function overtakenBy(token: StoredToken, held: Held | undefined): Confirmation['state'] | undefined {
  if (!asksAboutHeld(token) || held?.decidedAt === null) return undefined;
  if (!held) return token.doneAt === null ? { kind: 'overtaken', result: fateOf(held) } : undefined;
  const { decidedAt } = held;
  // The same moment: the same transaction.
  if (token.doneAt === decidedAt) return undefined;
  return { kind: 'overtaken', ...(decidedAt !== null && { on: formatDay(decidedAt) }), result: fateOf(held) };
}

function stateOf(token: StoredToken, now: number): Confirmation['state'] {
  if (token.doneAt !== null) {
    return { kind: 'done', on: formatDay(token.doneAt), result: maskIn(token.result ?? '', token) };
  }
  return token.expiresAt > now ? { kind: 'open' } : { kind: 'expired', canAskAgain: canAskAgain(token.kind) };
}

function aboutWhom(token: StoredToken): string | undefined {
  const { kind, payload } = token;
  if (kind === 'admit') return z.object({ email: z.string() }).parse(payload).email;
  if (kind === 'officer') return commandsOf(token);
  if (kind === 'resume') return stopped.parse(payload).lists;
  return kind === 'address' ? mask(moved.parse(payload).to) : undefined;
}

/** The sentences of operations name addresses in full; an officer may see whom they answered about. */
function maskIn(sentence: string, { kind, email, payload }: StoredToken): string {
  const named = kind === 'address' ? Object.values(moved.parse(payload)) : [email];
  return named.reduce((text, address) => text.replaceAll(address, () => mask(address)), sentence);
}

/** Questions of an earlier version do not name them. */
const stopped = z.object({ lists: z.string().optional() });

const moved = z.object({ from: z.string(), to: z.string() });

function mask(email: string): string {
  return maskAddress(email as Address);
}
