import { z } from 'zod';
import type { SenderRule } from '../../domain/sender-rule.ts';
import { pageSenderRules } from '../../store/sender-rules.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type NamedRule, namedRules, pageInput, placesOf } from './rule-pages.ts';
import { placeInput, requirePlace } from './rule-place.ts';

const input = z.object({ ...pageInput, list: placeInput.optional() });

export interface SenderRulePage {
  readonly rules: readonly NamedRule<SenderRule>[];
  /** For the next page; absent on the last one. */
  readonly next?: number;
}

/** Of one list, of the whole site (`list` null), or without `list` all there are. */
export const listSenderRules: Operation<z.infer<typeof input>, SenderRulePage> = {
  name: 'list-sender-rules',
  kind: 'query',
  summary: 'Names the standing decisions about senders.',
  input,
  authorise: (context, { list }) =>
    list === undefined ? requireOperator(context) : requirePlace(context, list),
  run: async (context, { list, after, limit }) => {
    const rules = await pageSenderRules(context.tx, { ...(await placesOf(context, list)), after, limit });
    return namedRules(context, rules, limit);
  },
};
