import { z } from 'zod';
import type { HeaderAction } from '../../domain/header-rule.ts';
import { Refusal } from '../../domain/refusal.ts';
import { deleteHeaderRule, findHeaderRule } from '../../store/header-rules.ts';
import type { Operation } from '../operation.ts';
import { fieldInput, knownExpressionInput } from './header-pattern.ts';
import { findPlace, namePlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';

const input = z.object({ list: placeInput, field: fieldInput, pattern: knownExpressionInput });

export interface HeaderRuleForgotten extends RulePlace {
  readonly field: string;
  readonly pattern: string;
  readonly formerly: HeaderAction;
}

export const forgetHeaderRule: Operation<z.infer<typeof input>, HeaderRuleForgotten> = {
  name: 'forget-header-rule',
  kind: 'command',
  summary: 'Takes back a standing decision about a header field.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, field, pattern }) => {
    const place = await findPlace(context, named);
    const rule = await findHeaderRule(context.tx, place.listId, { field, pattern });
    if (!rule) {
      throw new Refusal(
        'not-found',
        `Nothing was decided about ${field} with “${pattern.slice(0, 200)}” for ${namePlace(place.list)}.`,
      );
    }
    await deleteHeaderRule(context.tx, rule.id);
    return { ...place, field, pattern, formerly: rule.action };
  },
  audit: (_, { listId, field, pattern, formerly }) => ({
    listId: listId ?? undefined,
    field,
    pattern,
    formerly,
  }),
};
