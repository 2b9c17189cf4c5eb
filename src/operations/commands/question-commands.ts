import { type List, listAddress } from '../../domain/list.ts';
import { listUrl } from '../../domain/site.ts';
import { listWaiting } from '../../store/held.ts';
import { pageLists } from '../../store/lists.ts';
import { findMembership, membershipsOf } from '../../store/memberships.ts';
import { countMembers, pageMembers } from '../../store/roster.ts';
import { standingOf } from '../../store/standing.ts';
import { describeMember } from '../members/set-preferences.ts';
import { claimedAuthor, oneLine } from '../moderation/describe-held.ts';
import { formatDay } from '../notices.ts';
import { requireList } from '../require-list.ts';
import type { CommandDesk } from './command-desk.ts';
import { officerRole, officersOnly } from './officer-commands.ts';

/** What people ask by mail. The answer goes to the address that the mail claims to be from, so it tells nobody else anything. */

/** Lists shown by one `lists`, members by one `who`: beyond that a mail is the wrong place (email.md §2.3). */
const mostLists = 500;
const mostMembers = 200;
const mostPending = 100;

export async function help(desk: CommandDesk, list: List | undefined): Promise<void> {
  if (!list) return desk.reply('site-help');
  await desk.reply((await officerRole(desk, list.id)) ? 'officer-help' : 'help', {}, list);
}

export async function lists(desk: CommandDesk): Promise<void> {
  const all = await pageLists(desk.context.tx, { limit: mostLists });
  const listed = all.filter(({ list }) => list.settings.listed && list.closedAt === null);
  const lines = listed.map(({ list }) => `${listAddress(list)}  ${list.title}`);
  await desk.reply('lists', { lists: lines.join('\n') || 'No list is open to the public here.' });
}

export async function which(desk: CommandDesk): Promise<void> {
  const memberships = await membershipsOf(desk.context.tx, desk.author);
  if (memberships.length === 0) return desk.reply('no-lists');
  const lines: string[] = [];
  for (const member of memberships) {
    const list = await requireList(desk.context, member.listId);
    lines.push(`${listAddress(list)}  ${list.title}${member.mode === 'none' ? ' (no mail)' : ''}`);
  }
  await desk.reply('which', { lists: lines.join('\n') });
}

export async function status(desk: CommandDesk, list: List): Promise<void> {
  const member = await findMembership(desk.context.tx, list.id, desk.author);
  if (!member) return desk.reply('not-a-member', {}, list);
  await desk.reply('status', { settings: describeMember(member) }, list);
}

export async function who(desk: CommandDesk, list: List): Promise<void> {
  const { tx, site } = desk.context;
  const standing = await standingOf(tx, list.id, desk.author);
  const mayKnow = standing && (list.settings.roster === 'members' || standing.role !== 'member');
  if (!mayKnow) return desk.reply('who-refused', { shownTo: list.settings.roster }, list);
  const count = await countMembers(tx, list.id);
  if (count > mostMembers) {
    return desk.reply(
      'who',
      { members: `${count} members, too many for a mail: ${listUrl(site, list)}/members` },
      list,
    );
  }
  const members = await pageMembers(tx, list.id, { after: 0, limit: mostMembers });
  const lines = members.map(({ email, name, role }) =>
    [email, name, role === 'member' ? '' : role].filter(Boolean).join('  '),
  );
  await desk.reply('who', { members: lines.join('\n') }, list);
}

/** What waits for a moderator, oldest first. */
export async function pending(desk: CommandDesk, list: List): Promise<void> {
  if (!(await officerRole(desk, list.id))) throw officersOnly(list);
  const { tx } = desk.context;
  const waiting = await listWaiting(tx, { listId: list.id, spam: false, after: 0, limit: mostPending + 1 });
  const lines = waiting
    .slice(0, mostPending)
    .map((held) => `${held.id}  ${formatDay(held.heldAt)}  ${claimedAuthor(held)}: ${oneLine(held.subject)}`);
  if (waiting.length > mostPending) lines.push('… and more, when these are done.');
  const count = waiting.length > mostPending ? `more than ${mostPending}` : waiting.length;
  await desk.reply('pending', { count, posts: lines.join('\n') || 'Nothing waits.' }, list);
}
