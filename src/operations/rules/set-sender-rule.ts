import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import type { Address } from '../../domain/address.ts';
import { hasRole, type Role } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { expressionOf, fittingPatterns, type SenderAction, senderActions } from '../../domain/sender-rule.ts';
import { listOfficers } from '../../store/memberships.ts';
import { findSenderRule, patternsOfSenders, saveSenderRule } from '../../store/sender-rules.ts';
import { standingOf } from '../../store/standing.ts';
import { requireRankOver } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { isFoundIn } from './pattern.ts';
import { requireRoom } from './pattern-room.ts';
import { findPlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';
import { type SenderPattern, senderPatternInput } from './sender-pattern.ts';

const input = z.object({
  list: placeInput,
  pattern: senderPatternInput,
  action: z.enum(senderActions),
});

export interface SenderRuleSet extends RulePlace {
  readonly pattern: string;
  readonly action: SenderAction;
  /** What was decided about the same pattern before; null: nothing. */
  readonly formerly: SenderAction | null;
}

/** A ban is `discard`. */
export const setSenderRule: Operation<z.infer<typeof input>, SenderRuleSet> = {
  name: 'set-sender-rule',
  kind: 'command',
  summary: 'Decides for good what happens to posts of an address, a domain or a pattern of addresses.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, pattern: whom, action }) => {
    const place = await findPlace(context, named);
    await protectOfficers(context, place, { whom, action });
    const before = await findSenderRule(context.tx, place.listId, whom.pattern);
    if (!before && whom.kind === 'pattern') {
      const others = await patternsOfSenders(context.tx, place.listId);
      requireRoom(
        place,
        [...others, whom.pattern].map((pattern) => pattern.slice(1, -1)),
      );
    }
    await saveSenderRule(context.tx, {
      ...whom,
      listId: place.listId,
      action,
      createdBy: describeActor(context.actor),
      createdAt: context.now,
    });
    return { ...place, pattern: whom.pattern, action, formerly: before?.action ?? null };
  },
  audit: (_, { listId, pattern, action, formerly }) => ({
    listId: listId ?? undefined,
    pattern,
    action,
    formerly,
  }),
};

/**
 * Two moderators at odds must not shut each other, or the owner, out: by address, nor by their whole domain. The operator may mean the domain
 * and not the person. Whether their posts wait is an owner's to say, and theirs to take back.
 */
async function protectOfficers(
  context: Context,
  { listId, list }: RulePlace,
  { whom, action }: { readonly whom: SenderPattern; readonly action: SenderAction },
): Promise<void> {
  if (listId === null) return;
  const officer = await officerAmong(context, listId, whom);
  if (!officer) return;
  const shutsOut = action === 'reject' || action === 'discard';
  const isMeant = whom.kind === 'address' || context.actor.kind === 'verified';
  if (shutsOut && isMeant) {
    throw new Refusal('not-allowed', `${officer.email} looks after ${list}: take that role away first.`);
  }
  // To allow a whole domain takes nothing from whoever is of it.
  if (whom.kind === 'address' || action === 'hold') await requireRankOver(context, listId, [officer]);
}

/** One of those who look after the list, whom a rule about that pattern would be about. */
async function officerAmong(
  { tx }: Context,
  listId: number,
  whom: SenderPattern,
): Promise<{ readonly email: string; readonly role: Role } | undefined> {
  if (whom.kind !== 'address')
    return (await listOfficers(tx, listId)).find(({ email }) => isAbout(whom, email));
  const standing = await standingOf(tx, listId, whom.pattern);
  return standing && hasRole(standing.role, 'moderator')
    ? { email: whom.pattern, role: standing.role }
    : undefined;
}

function isAbout({ kind, pattern }: SenderPattern, email: Address): boolean {
  return kind === 'pattern'
    ? isFoundIn(expressionOf({ pattern }), email)
    : fittingPatterns(email).includes(pattern);
}
