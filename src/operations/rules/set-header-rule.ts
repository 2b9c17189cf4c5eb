import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { type HeaderAction, headerActions } from '../../domain/header-rule.ts';
import { findHeaderRule, patternsOfHeaders, saveHeaderRule } from '../../store/header-rules.ts';
import type { Operation } from '../operation.ts';
import { expressionInput, fieldInput } from './header-pattern.ts';
import { requireRoom } from './pattern-room.ts';
import { findPlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';

const input = z.object({
  list: placeInput,
  field: fieldInput,
  pattern: expressionInput,
  action: z.enum(headerActions),
});

export interface HeaderRuleSet extends RulePlace {
  readonly field: string;
  readonly pattern: string;
  readonly action: HeaderAction;
  /** What was decided about the same pattern before; null: nothing. */
  readonly formerly: HeaderAction | null;
}

export const setHeaderRule: Operation<z.infer<typeof input>, HeaderRuleSet> = {
  name: 'set-header-rule',
  kind: 'command',
  summary: 'Decides for good what happens to posts with something in a header field.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, field, pattern, action }) => {
    const place = await findPlace(context, named);
    const before = await findHeaderRule(context.tx, place.listId, { field, pattern });
    if (!before) requireRoom(place, [...(await patternsOfHeaders(context.tx, place.listId)), pattern]);
    await saveHeaderRule(context.tx, {
      field,
      pattern,
      action,
      listId: place.listId,
      createdBy: describeActor(context.actor),
      createdAt: context.now,
    });
    return { ...place, field, pattern, action, formerly: before?.action ?? null };
  },
  audit: (_, { listId, field, pattern, action, formerly }) => ({
    listId: listId ?? undefined,
    field,
    pattern,
    action,
    formerly,
  }),
};
