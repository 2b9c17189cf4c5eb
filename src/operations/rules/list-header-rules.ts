import { z } from 'zod';
import type { HeaderRule } from '../../domain/header-rule.ts';
import { pageHeaderRules } from '../../store/header-rules.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type NamedRule, namedRules, pageInput, placesOf } from './rule-pages.ts';
import { placeInput, requirePlace } from './rule-place.ts';

const input = z.object({ ...pageInput, list: placeInput.optional() });

export interface HeaderRulePage {
  readonly rules: readonly NamedRule<HeaderRule>[];
  /** For the next page; absent on the last one. */
  readonly next?: number;
}

/** Of one list, of the whole site (`list` null), or without `list` all there are. */
export const listHeaderRules: Operation<z.infer<typeof input>, HeaderRulePage> = {
  name: 'list-header-rules',
  kind: 'query',
  summary: 'Names the standing decisions about header fields.',
  input,
  authorise: (context, { list }) =>
    list === undefined ? requireOperator(context) : requirePlace(context, list),
  run: async (context, { list, after, limit }) => {
    const rules = await pageHeaderRules(context.tx, { ...(await placesOf(context, list)), after, limit });
    return namedRules(context, rules, limit);
  },
};
