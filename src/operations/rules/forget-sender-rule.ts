import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import type { SenderAction, SenderRule } from '../../domain/sender-rule.ts';
import { deleteSenderRule, findSenderRule } from '../../store/sender-rules.ts';
import { standingOf } from '../../store/standing.ts';
import { requireRankOver } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { findPlace, namePlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';
import { knownSenderInput } from './sender-pattern.ts';

const input = z.object({ list: placeInput, pattern: knownSenderInput });

export interface SenderRuleForgotten extends RulePlace {
  readonly pattern: string;
  readonly formerly: SenderAction;
}

export const forgetSenderRule: Operation<z.infer<typeof input>, SenderRuleForgotten> = {
  name: 'forget-sender-rule',
  kind: 'command',
  summary: 'Takes back a standing decision about a sender.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, pattern: { pattern } }) => {
    const place = await findPlace(context, named);
    const rule = await findSenderRule(context.tx, place.listId, pattern);
    if (!rule) {
      throw new Refusal('not-found', `Nothing was decided about ${pattern} for ${namePlace(place.list)}.`);
    }
    await protectOfficers(context, rule);
    await deleteSenderRule(context.tx, rule.id);
    return { ...place, pattern, formerly: rule.action };
  },
  audit: (_, { listId, pattern, formerly }) => ({ listId: listId ?? undefined, pattern, formerly }),
};

/** What an owner has decided about somebody who looks after the list, that one does not take back. */
async function protectOfficers(context: Context, { listId, kind, pattern }: SenderRule): Promise<void> {
  const standing =
    listId === null || kind !== 'address' ? undefined : await standingOf(context.tx, listId, pattern);
  if (standing && listId !== null) await requireRankOver(context, listId, [standing]);
}
