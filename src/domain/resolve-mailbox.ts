import { asciiLowerCase } from './address.ts';
import { isListName } from './list-name.ts';
import { listPrefixes, listSuffixes, type SuffixPurpose } from './list-suffixes.ts';
import type { ListMailbox, ListRef, Mailbox, MailboxRefusal } from './mailbox.ts';
import { serviceMailbox } from './service-address.ts';
import { listUrl, type Site } from './site.ts';
import { normalizeToken } from './token.ts';

/**
 * An envelope recipient read without looking anything up, in the order of email.md §1.3: either it is settled, or it depends on
 * which of a few lists exist. So one statement answers each RCPT.
 */
export type Reading = Mailbox | MailboxRefusal | Question;

export interface Question {
  readonly kind: 'question';
  readonly domain: string;
  /** What the address would mean for each list it might name; the first that exists wins. At most `mostReadings`. */
  readonly readings: readonly ListReading[];
}

export interface ListReading {
  /** The list's local part as asked for, perhaps an earlier name. */
  readonly name: string;
  readonly purpose: 'post' | SuffixPurpose;
  readonly token?: string;
}

/** A list found under one of its names. */
export interface FoundList extends ListRef {
  readonly closed: boolean;
  readonly deleted: boolean;
}

/** Enough for every prefix and suffix that fit one local part at once; a test tries the worst. */
export const mostReadings = 8;

/** `address` as the envelope wrote it, without angle brackets. Never throws; a domain that is not ours is always refused. */
export function readRecipient(address: string, site: Site): Reading {
  const at = address.lastIndexOf('@');
  const domain = at < 0 ? site.domains[0] : asciiLowerCase(address.slice(at + 1));
  const local = asciiLowerCase(at < 0 ? address : address.slice(0, at));
  // RFC 5321 §4.5.1: `RCPT TO:<postmaster>` needs no domain.
  if (at < 0 && local !== 'postmaster') return refuse('5.1.3', 'That is not a complete address.');
  if (!site.domains.includes(domain)) return refuse('5.7.1', 'We do not relay: that domain is not ours.');
  return findLocalProblem(local) ?? serviceMailbox(local, domain) ?? question(local, domain, site);
}

/** What the address means, now that the lists among its readings are known. */
export function answerQuestion(
  asked: Question,
  lists: readonly FoundList[],
  site: Site,
): ListMailbox | MailboxRefusal {
  const found = asked.readings.flatMap((reading) => {
    const list = lists.find((l) => l.asked === reading.name);
    return list ? [{ reading, list }] : [];
  });
  const live = found.find(({ list }) => !list.deleted);
  if (live) return open(live.reading, live.list, site);
  return found.length > 0 ? noLongerThere() : unknown(site);
}

/** To whoever writes to a list that was deleted. */
export function noLongerThere(): MailboxRefusal {
  return refuse('5.1.6', 'This list no longer exists.');
}

/** To whoever posts to a closed list, or would join it. */
export function closedFor(site: Site, list: Pick<ListRef, 'name' | 'domain'>): MailboxRefusal {
  return refuse(
    '5.7.1',
    `This list is closed: it takes no posts and no new members. See ${listUrl(site, list)}/`,
  );
}

/** Routes, quoting and other people's routing operators: a relay probe or a typing error, never an address of ours. */
function findLocalProblem(local: string): MailboxRefusal | undefined {
  if (/[@%!:]/.test(local)) return refuse('5.7.1', 'We do not relay: routes inside an address are refused.');
  if (local.length > 64) return refuse('5.1.3', 'The part before the @ has more than 64 characters.');
  if (!/^[a-z0-9._=+/~-]+$/.test(local)) {
    return refuse('5.1.3', 'None of our addresses has quotes, spaces or special characters.');
  }
  return undefined;
}

function question(local: string, domain: string, site: Site): Question | MailboxRefusal {
  const readings = [
    { name: local, purpose: 'post' as const },
    ...listPrefixes.flatMap(({ text, purpose }) =>
      local.startsWith(text) ? [{ name: local.slice(text.length), purpose }] : [],
    ),
    ...readSuffixes(local),
  ].filter(({ name }) => isListName(name));
  return readings.length > 0 ? { kind: 'question', domain, readings } : unknown(site);
}

function readSuffixes(local: string): readonly ListReading[] {
  const tokened = splitToken(local);
  return listSuffixes.flatMap(({ text, hyphen, purpose, token }) => {
    const plain = token === 'required' ? undefined : beforeSuffix(local, text, hyphen);
    if (plain !== undefined) return [{ name: plain, purpose }];
    const named = token === 'none' || !tokened ? undefined : beforeSuffix(tokened.rest, text, hyphen);
    return tokened && named !== undefined ? [{ name: named, purpose, token: tokened.token }] : [];
  });
}

/** `birds-leave+TOKEN`; and `birds-confirm-TOKEN`, for mail programs that cannot write to an address with a plus. */
function splitToken(local: string): { readonly rest: string; readonly token: string } | undefined {
  const match = /^(.+[-+]confirm)-([^-+]+)$/.exec(local) ?? /^(.+)\+([^+]+)$/.exec(local);
  const token = normalizeToken(match?.[2] ?? '');
  return match?.[1] !== undefined && token !== undefined ? { rest: match[1], token } : undefined;
}

function beforeSuffix(local: string, suffix: string, hyphen: boolean): string | undefined {
  if (!local.endsWith(suffix)) return undefined;
  const separator = local.at(-suffix.length - 1);
  const known = separator === '+' || (separator === '-' && hyphen);
  return known ? local.slice(0, -suffix.length - 1) : undefined;
}

/** A closed list takes no posts and no joins; people still leave, ask, and reach its owners. */
function open(reading: ListReading, list: FoundList, site: Site): ListMailbox | MailboxRefusal {
  const closed = list.closed && (reading.purpose === 'post' || reading.purpose === 'join');
  if (closed) return closedFor(site, list);
  return mailboxOf(reading, { id: list.id, name: list.name, domain: list.domain, asked: list.asked });
}

function mailboxOf({ purpose, token }: ListReading, list: ListRef): ListMailbox {
  switch (purpose) {
    case 'digest':
      return { kind: 'mode', list, mode: 'digest-mime' };
    case 'nomail':
      return { kind: 'mode', list, mode: 'none' };
    case 'mail':
      return { kind: 'mode', list, mode: 'each' };
    case 'confirm':
    case 'moderate':
    case 'author-alias': // never read without a token: see readSuffixes
      return { kind: purpose, list, token: token ?? '' };
    case 'leave':
    case 'bounces':
      return token === undefined ? { kind: purpose, list } : { kind: purpose, list, token };
    default:
      return { kind: purpose, list };
  }
}

function unknown(site: Site): MailboxRefusal {
  return refuse('5.1.1', `No such list here. See ${site.baseUrl}/`);
}

function refuse(enhanced: MailboxRefusal['enhanced'], why: string): MailboxRefusal {
  return { kind: 'refused', code: 550, enhanced, why };
}
