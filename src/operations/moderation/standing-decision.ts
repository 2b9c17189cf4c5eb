import { describeActor } from '../../domain/actor.ts';
import { type Address, parseAddress } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import { hasRole } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { SenderAction } from '../../domain/sender-rule.ts';
import type { Held } from '../../store/held.ts';
import { findMembership, updateMembership } from '../../store/memberships.ts';
import { saveSenderRule } from '../../store/sender-rules.ts';
import { standingOf } from '../../store/standing.ts';
import { requireRankOver } from '../authorise.ts';
import type { Context } from '../operation.ts';
import { senderRuleAbout } from '../rules/standing-rules.ts';

/** What a moderator decides about an author together with a post. Each returns a sentence, and refuses what would hit somebody else. */

/**
 * Their posts no longer wait: a member's by the member's own setting, anybody else's by a rule of the list, and a member's, too, of whom another
 * rule says that they wait. Proof is still asked for.
 */
export async function allowSender(context: Context, list: List, held: Held): Promise<string> {
  const author = authorOf(held);
  const standing = await standingOf(context.tx, list.id, author);
  if (standing) await requireRankOver(context, list.id, [standing]);
  const member = await findMembership(context.tx, list.id, author);
  if (member) await updateMembership(context.tx, member.id, { posting: 'accept' });
  const isHeldByRule = (await senderRuleAbout(context, list.id, author))?.action === 'hold';
  if (!member || isHeldByRule) await makeRule(context, list, { author, action: 'allow' });
  return isProved(context, held) || list.settings.spoof_protection === 'off'
    ? `Posts of ${author} to ${list.title} no longer wait.`
    : `Posts of ${author} to ${list.title} no longer wait where something proves who wrote them; nothing proved this one.`;
}

/** Nothing they write reaches the list or its moderators. A member whose From somebody forged must not pay for it. */
export async function banSender(context: Context, list: List, held: Held): Promise<string> {
  const author = authorOf(held);
  const standing = await standingOf(context.tx, list.id, author);
  if (standing && hasRole(standing.role, 'moderator')) {
    throw new Refusal('not-allowed', `${author} looks after ${list.title} and cannot be banned like this.`);
  }
  if (standing && !isProved(context, held)) {
    throw new Refusal(
      'conflict',
      `Nothing proves that this post is from ${author}, who is a member: discard it instead, or a forger decides whom you ban.`,
    );
  }
  await makeRule(context, list, { author, action: 'discard' });
  return `Whatever ${author} writes to ${list.title} is dropped from now on.`;
}

/** Where the site checks nobody, every From is taken for what it says. */
function isProved({ site }: Context, { checks }: Held): boolean {
  return site.senderChecks === 'none' || checks.identity.class === 'verified';
}

function authorOf({ authorEmail }: Held): Address {
  const author = parseAddress(authorEmail);
  if (author) return author;
  throw new Refusal(
    'invalid',
    'The author of this post is not one single address, so nothing can be decided about them.',
  );
}

function makeRule(
  context: Context,
  list: List,
  { author, action }: { readonly author: Address; readonly action: SenderAction },
): Promise<unknown> {
  return saveSenderRule(context.tx, {
    listId: list.id,
    kind: 'address',
    pattern: author,
    action,
    createdBy: describeActor(context.actor),
    createdAt: context.now,
  });
}
