import { type Actor, isOfOperator } from '../../domain/actor.ts';
import { type Address, parseAddress } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import { hasRole } from '../../domain/membership.ts';
import { listOfficers } from '../../store/memberships.ts';
import { membershipsAmong } from '../../store/roster.ts';
import { standingOf } from '../../store/standing.ts';
import type { StoredToken } from '../../store/tokens.ts';
import type { Context } from '../operation.ts';
import { operatorsOf } from '../operators.ts';

/**
 * Who gets mail about the posts of a list that wait: its moderators; its owners where there is none or the list wants it so; the
 * people who run the site where it has nobody at all.
 */
export async function moderatorsOf({ tx, site }: Context, list: List): Promise<readonly Address[]> {
  const officers = await listOfficers(tx, list.id);
  const moderators = officers.filter(({ role }) => role === 'moderator');
  const asked =
    moderators.length === 0 || list.settings.moderation_mail === 'owners-too' ? officers : moderators;
  return asked.length > 0 ? asked.map(({ email }) => email) : operatorsOf(site);
}

/**
 * As whom somebody acts who presents a token to moderate: as the one it was mailed to, who alone can have it from us. Whether they
 * still have the role is asked where they act.
 */
export async function moderatorBehind({ tx, site }: Context, token: StoredToken): Promise<Actor> {
  const email = parseAddress(token.email);
  if (!email || token.listId === null) throw new Error(`a token to moderate of ${token.email} names nobody`);
  const standing = await standingOf(tx, token.listId, email);
  if (standing && hasRole(standing.role, 'moderator')) return { kind: 'verified', email };
  return operatorsOf(site).includes(email) ? { kind: 'operator', via: 'mail' } : { kind: 'verified', email };
}

/** How to speak to moderators of people who acted, each from describeActor: by name, where they are on the list. One query for all. */
export async function nameActors(
  { tx }: Context,
  listId: number,
  described: readonly string[],
): Promise<(described: string) => string> {
  const emails = [...new Set(described.filter((each) => !isOfOperator(each)).map(emailOf))];
  const members = emails.length > 0 ? await membershipsAmong(tx, listId, emails) : undefined;
  return (each) => {
    if (isOfOperator(each)) return 'the operator of this site';
    const member = members?.get(emailOf(each));
    return (!member?.left && member?.membership.name) || emailOf(each);
  };
}

function emailOf(described: string): string {
  return described.slice(described.indexOf(':') + 1);
}
