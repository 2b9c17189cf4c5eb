import { hash } from 'node:crypto';
import { type Address, domainPart } from '../domain/address.ts';
import { countedMailbox } from '../domain/counted-mailbox.ts';
import type { CheckedMail } from '../domain/incoming.ts';
import { networkOf } from '../domain/network.ts';
import { isPersonal, mayBeAnswered } from '../mail/automatic.ts';
import type { TextKey } from '../mail/texts.ts';
import { isKnownAddress } from '../store/memberships.ts';
import { strangersBucket, takeQuota } from '../store/quotas.ts';
import { provesAddress } from './authorise.ts';
import { turnAway } from './incoming/turn-away.ts';
import { type Notice, sendNotice } from './notices.ts';
import type { Context } from './operation.ts';
import { ownAmong } from './own-address.ts';

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Whom an automatic answer to this mail would reach: its author, when a person may have written it and a program would not answer
 * back (RFC 3834 §2; email.md §2.6). Never the Reply-To; never the envelope sender, which with one mail program in a VERP envelope
 * is not where a person reads.
 */
export async function authorToAnswer(context: Context, mail: CheckedMail): Promise<Address | undefined> {
  const author = mail.facts.author?.email;
  if (!author || !mayBeAnswered(mail.envelopeSender, mail.facts) || !isPersonal(author)) return undefined;
  return (await ownAmong(context, [author])).size > 0 ? undefined : author;
}

/** Answers a mail, unless nobody may be answered or its author has had enough answers from us. Tells whether an answer goes out. */
export async function answer(
  context: Context,
  mail: CheckedMail,
  notice: Omit<Notice, 'to' | 'answering' | 'returnPath'> & {
    readonly about?: string;
    readonly officer?: boolean;
  },
): Promise<boolean> {
  const to = turnAway(mail) ? undefined : await authorToAnswer(context, mail);
  const ip = clientOf(mail);
  if (!to || !(await mayHearFromUs(context, to, { ...notice, ...(ip && { ip }) }))) return false;
  await sendNotice(context, {
    ...notice,
    to,
    answering: { messageId: mail.facts.messageId },
    returnPath: 'null',
  });
  return true;
}

/**
 * Answers a mail to an address with a token of ours, at the address that the token was mailed to: that one is proved, however little the
 * mail itself is, and whoever has the token can write any From. Tells whether an answer goes out.
 */
export async function answerHolder(
  context: Context,
  mail: CheckedMail,
  notice: Omit<Notice, 'answering' | 'returnPath'> & { readonly about: string; readonly officer?: boolean },
): Promise<boolean> {
  if (!mayBeAnswered(mail.envelopeSender, mail.facts)) return false;
  if (!(await mayHearFromUs(context, notice.to, { ...notice, proved: true }))) return false;
  await sendNotice(context, {
    ...notice,
    answering: { messageId: mail.facts.messageId },
    returnPath: 'null',
  });
  return true;
}

/** For the log: what came of a mail, and that nobody is told where no answer goes out. */
export function noteWith(what: string, isAnswered: boolean): string {
  return isAnswered ? what : `${what}, not answered`;
}

/**
 * Takes an answer from the address's allowance: so many a day, the same one once an hour, and for somebody who is on none of our
 * lists and has proved nothing one in a week, so that a forged From makes us no mail cannon (email.md §2.6). Such strangers are limited
 * by their domain as well: where it takes every address, a forger would have a new one for each mail; and by the network that asks.
 */
export async function mayHearFromUs(
  context: Context,
  to: Address,
  notice: {
    readonly text: TextKey;
    readonly list?: { readonly id: number };
    /** What tells two answers of the same text apart: `get 17` asked something else than `get 18`. */
    readonly about?: string;
    /** The address has proved itself earlier, by the mail that this is about. */
    readonly proved?: boolean;
    /** Of the client that asked, where it is no relay of ours. */
    readonly ip?: string | undefined;
    /** It tells a moderator what came of a decision: counted with the answers to such commands. */
    readonly officer?: boolean;
  },
): Promise<boolean> {
  const { tx, now, site } = context;
  if (!(await takeQuota(tx, sameAnswerBucket(to, notice), { rate: { count: 1, ms: hour }, now })))
    return false;
  if (notice.officer) return mayHearResults(context, to);
  const proved = notice.proved || provesAddress(context, to);
  if (!proved && !(await isKnownAddress(tx, to))) {
    return (
      (await mayAskFrom(context, notice.ip, { what: 'answers' })) &&
      (await takeQuota(tx, `stranger:${countedMailbox(to)}`, { rate: { count: 1, ms: 7 * day }, now })) &&
      (await takeQuota(tx, `strangers-at:${domainPart(to)}`, { rate: { count: 50, ms: hour }, now })) &&
      mayMailStrangers(context)
    );
  }
  const rate = site.limits.repliesPerAddress;
  return !rate || takeQuota(tx, `answer:${countedMailbox(to)}`, { rate, now });
}

/**
 * Takes what owners and moderators are told about their decisions and commands from an allowance of its own: they decide far more often
 * than others write to us, and must hear that somebody else was faster. A limit for broken programs only.
 */
export async function mayHearResults({ tx, now }: Context, to: Address): Promise<boolean> {
  return takeQuota(tx, `officer-answers:${to}`, { rate: { count: 100, ms: day }, now });
}

/** What keeps an address from getting the same answer twice in an hour. */
export function sameAnswerBucket(
  to: string,
  {
    text,
    list,
    about,
  }: { readonly text: TextKey; readonly list?: { readonly id: number }; readonly about?: string },
): string {
  const digest = about === undefined ? '' : hash('sha256', about, 'hex').slice(0, 16);
  return `same-answer:${text}${digest}:${list?.id ?? 0}:${to}`;
}

/** Counts the questions that an address got in a month and answered none of (email.md §2.6). */
export function unansweredBucket(email: Address): string {
  return `confirm-month:${countedMailbox(email)}`;
}

/** Behind a front MTA the client's address is that MTA's, and says nothing of the sender. */
export function clientOf({ peer }: Pick<CheckedMail, 'peer'>): string | undefined {
  return peer.trusted ? undefined : peer.ip;
}

/** What one network can make us mail to people who have not proved themselves. A program asks at a page faster than by mail. */
export async function mayAskFrom(
  { tx, now, site, actor }: Context,
  ip: string | undefined,
  { what, weight = 1 }: { readonly what: 'join' | 'answers'; readonly weight?: number },
): Promise<boolean> {
  const rate = site.limits.joinsPerNetwork;
  if (!ip || !rate) return true;
  const network = networkOf(ip);
  const atPage = { rate: { count: 10, ms: hour }, now, weight };
  if (actor.kind === 'visitor' && !(await takeQuota(tx, `page-from:${network}`, atPage))) return false;
  return takeQuota(tx, `${what}-from:${network}`, { rate, now, weight });
}

/** All mail of ours to people who are on no list: one bucket for the whole site, and an alarm in the log when it is empty. */
export async function mayMailStrangers({ tx, now, site }: Context): Promise<boolean> {
  const rate = site.limits.mailToStrangers;
  return !rate || takeQuota(tx, strangersBucket, { rate, now });
}
