import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import type { TokenKind } from '../../domain/token.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { requestPreferences } from '../members/set-preferences.ts';
import type { Context, Operation } from '../operation.ts';
import { lookUpToken } from '../tokens.ts';
import { requestJoin } from './request-join.ts';
import { requestLeave } from './request-leave.ts';

const input = z.object({ token: z.string().max(100), ip: z.string().optional() });

/** Whether somebody who came too late can ask again by themselves; the other questions were somebody else's to ask. */
export function canAskAgain(kind: TokenKind): boolean {
  return kind === 'join' || kind === 'leave' || kind === 'preferences';
}

/** A fresh question for one that ran out, to the same address, under the same limits: whoever holds the old link learns nothing. */
export const askAgain: Operation<z.infer<typeof input>, void> = {
  name: 'ask-again',
  kind: 'command',
  summary: 'Sends a fresh confirmation mail for one that came too late.',
  input,
  authorise: () => {},
  run: async (context, { token: text, ip }) => {
    const token = await lookUpToken(context, text);
    if (!token) throw new Refusal('not-found', 'This link is not one of ours, or was cut off on its way.');
    if (token.doneAt !== null || token.expiresAt > context.now || !canAskAgain(token.kind)) {
      throw new Refusal('conflict', 'There is nothing to ask again.');
    }
    await repeat(context, token, ip === undefined ? {} : { ip });
  },
  // The request that it repeats has its own row.
  audit: () => undefined,
};

async function repeat(context: Context, token: StoredToken, origin: { ip?: string }): Promise<void> {
  const { actor } = context;
  const asked = { listId: token.listId, email: token.email, origin };
  if (token.kind === 'leave') await context.perform(requestLeave, actor, asked);
  else if (token.kind === 'preferences') {
    await context.perform(requestPreferences, actor, { ...asked, changes: token.payload });
  } else {
    const { name, mode } = wish.parse(token.payload);
    await context.perform(requestJoin, actor, { ...asked, name, mode });
  }
}

const wish = z.object({ name: z.string().optional(), mode: z.string().optional() });
