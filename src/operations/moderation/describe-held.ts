import type { Address } from '../../domain/address.ts';
import type { AttachmentFact, Checks } from '../../domain/checks.ts';
import type { List } from '../../domain/list.ts';
import { formatMoment } from '../../domain/list-time.ts';
import type { Held } from '../../store/held.ts';
import { countedPosts, type SenderHistory, senderHistory } from '../../store/sender-history.ts';
import { formatDay } from '../notices.ts';
import type { Context } from '../operation.ts';
import { nameActors } from './moderators.ts';

/** A held post in words, for mails, pages and tables: whatever comes from its mail is one line of visible characters. */

/** `Alice Liddell <alice@example.org>`, as the mail claims. Whom the envelope names is no author: anybody can write a member there. */
export function claimedAuthor(held: Pick<Held, 'authorName' | 'authorEmail' | 'envelopeSender'>): string {
  const { authorName, authorEmail, envelopeSender } = held;
  if (!authorEmail)
    return envelopeSender ? `(no single author, sent by ${oneLine(envelopeSender)})` : '(no single author)';
  return authorName ? `${oneLine(authorName)} <${authorEmail}>` : authorEmail;
}

/** “yes: DKIM of example.org matches the From” */
export function describeIdentity({ identity }: Checks): string {
  const said = { verified: 'yes', unverified: 'not proved', failed: 'no' }[identity.class];
  return `${said}: ${oneLine(identity.why)}`;
}

/** “member since 3 May 2026, 12 posts here, the last on 2 Nov 2026” */
export function describeHistory({ posts, lastPostAt, joinedAt, knownSince }: SenderHistory): string {
  const who =
    joinedAt !== null
      ? `member since ${formatDay(joinedAt)}`
      : `not a member${knownSince === null ? '' : `, known here since ${formatDay(knownSince)}`}`;
  if (posts === 0 || lastPostAt === null)
    return `${who}${joinedAt === null && knownSince === null ? ', never seen before' : ''}; this would be the first post`;
  const count =
    posts >= countedPosts ? `${countedPosts} posts or more` : `${posts} post${posts === 1 ? '' : 's'}`;
  return `${who}, ${count} here, the last on ${formatDay(lastPostAt)}`;
}

export async function historyOf(
  context: Context,
  held: Pick<Held, 'listId' | 'authorEmail'>,
): Promise<string> {
  return describeHistory(await senderHistory(context.tx, held.listId, held.authorEmail as Address));
}

/** `report.zip (application/zip, 12 KB): it holds a program` */
export function describeAttachment({ filename, type, bytes, danger, closed }: AttachmentFact): string {
  const what = `${oneLine(filename) || 'without a name'} (${oneLine(type)}, ${Math.ceil(bytes / 1000)} KB)`;
  const objection = danger ?? closed;
  return objection === undefined ? what : `${what}: ${oneLine(objection)}`;
}

/** Who did what with posts of one list, and when. */
export interface Story {
  /** “approved by Bob Finch at 10:02 (UTC)”; undefined while it waits. */
  decision(held: Held): string | undefined;
  /** “Bob Finch has been looking into it since 10:02 (UTC)”; undefined where nobody is. */
  claim(held: Held): string | undefined;
}

/** However many they are, one query. */
export async function storyOf(context: Context, list: List, about: readonly Held[]): Promise<Story> {
  const acted = about.flatMap((held) => [held.claimedBy, held.decidedBy]).filter((who) => who !== null);
  const nameOf = await nameActors(context, list.id, acted);
  const timeOf = (at: number) => formatMoment(at, context.now, list.settings.timezone);
  return {
    decision: (held) => describeDecision(held, nameOf, timeOf),
    claim: ({ claimedBy, claimedAt, decidedAt }) =>
      claimedBy === null || claimedAt === null || decidedAt !== null
        ? undefined
        : `${nameOf(claimedBy)} has been looking into it since ${timeOf(claimedAt)}`,
  };
}

/** Who decided, where the rules were asked again and refused: nobody did. */
export const byRules = 'system';

function describeDecision(
  { decision, decidedAt, decidedBy }: Held,
  nameOf: (described: string) => string,
  timeOf: (at: number) => string,
): string | undefined {
  if (decidedAt === null || decision === null) return undefined;
  const at = `at ${timeOf(decidedAt)}`;
  if (decision === 'expired') return `rejected ${at}, because nobody had decided in time`;
  if (decision === 'released') return `posted ${at}, because its author has confirmed it`;
  if (decision === 'withdrawn') return `taken back by its author ${at}`;
  if (decision === 'rejected' && decidedBy === byRules)
    return `rejected ${at} by a rule, after its author had confirmed it`;
  return `${decision} by ${nameOf(decidedBy ?? '')} ${at}`;
}

/** Text of a stranger on one line: no line breaks, no control characters, nothing that turns the direction of what follows; cut. */
export function oneLine(text: string, most = 200): string {
  const line = text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
