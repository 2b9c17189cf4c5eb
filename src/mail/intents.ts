import { baseSubject } from '../domain/base-subject.ts';
import type { MailFacts } from '../domain/incoming.ts';
import { type List, listAddress } from '../domain/list.ts';
import { intentTable, normalizeIntent } from './intent-table.ts';
import { ownText } from './own-text.ts';

export type Intent = 'join' | 'leave';

type Named = Pick<List, 'name' | 'domain' | 'title'>;

const maxWords = 8;
/** More own words than this are a post that mentions leaving (email.md §2.5). */
const maxPostLines = 5;
const maxPostWords = 40;

/**
 * What a line asks for in plain human words, in any language of config/intents.json; undefined unless the *whole* line asks for it,
 * so that "don't unsubscribe me" and "the unsubscribe link is broken" ask for nothing (email.md §2.4).
 */
export function matchIntent(line: string, list?: Named): Intent | undefined {
  return strongIntent(line, list) ?? weakIntent(line, list);
}

/** The person's own text as `readIntent` wants it, for a mail to any list; undefined: too much for a command. `readable` is from `readableText`. */
export function wordsOfCommand(readable: string): string | undefined {
  const text = ownText(readable, maxPostLines + 3); // one more than greeting, lines and name
  // Counted first: it tells nearly every real post, and costs less than a line's fillers.
  return text.split(/\s+/, maxPostWords + 1).length > maxPostWords ? undefined : text;
}

/**
 * Whether a mail to the posting address was meant for the list server (email.md §2.5). Stricter than the table says, because the
 * mail may be a post: the subject of a reply is somebody else's, and words that also mean other things ("Cancelled", "Leave",
 * "Anmeldung") count only where nothing else is written. `text` is from `wordsOfCommand`.
 */
export function readIntent(
  text: string | undefined,
  facts: Pick<MailFacts, 'subject' | 'inReplyTo'>,
  list: Named,
): Intent | undefined {
  if (text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => stripFillers(line, list) !== '');
  if (lines.length > maxPostLines) return undefined;
  const { base, isReply } = baseSubject(facts.subject);
  const answers = isReply || facts.inReplyTo.length > 0;
  const first = lines[0] ?? '';
  const fromBody = strongIntent(first, list) ?? (lines.length <= 1 ? weakIntent(first, list) : undefined);
  if (fromBody) return fromBody;
  if (lines.length > 0 && answers) return undefined;
  return strongIntent(base, list) ?? (lines.length === 0 ? weakIntent(base, list) : undefined);
}

/**
 * What a reply to a question of ours says (email.md §3.2), from the person's own text: its first line decides. `asked` is what was
 * asked, because "unsubscribe" agrees to leaving and declines to join.
 */
export function readReply(text: string, asked: Intent | 'other' = 'join'): 'yes' | 'no' | 'empty' | 'other' {
  const { yes, no } = intentTable();
  // A greeting says nothing: "Hello," may begin an out-of-office reply.
  const written = text.split('\n').find((each) => stripFillers(each) !== '');
  if (written === undefined) return 'empty';
  const line = stripFillers(written);
  const parts = splits(line);
  if (no.test(line) || parts.some(([first, rest]) => no.test(first) && no.test(rest))) return 'no';
  const agreed = parts.some(
    ([first, rest]) =>
      yes.test(first) &&
      // “ok?” asks somebody in copy.
      (((rest === '' || yes.test(rest)) && !isQuestion(written)) || agrees(matchIntent(rest), asked)),
  );
  if (agreed) return 'yes';
  const intent = matchIntent(line);
  if (intent === undefined || asked === 'other') return 'other';
  return agrees(intent, asked) ? 'yes' : 'no';
}

function isQuestion(line: string): boolean {
  return /[?？؟][!"'”»)\s]*$/u.test(line);
}

/** "Yes please, add me", "No, that was not me": its first one to four words, and the rest without politeness. Both must say the same. */
function splits(line: string): (readonly [first: string, rest: string])[] {
  const words = line.split(' ');
  return words
    .slice(0, 4)
    .map((_, i) => [words.slice(0, i + 1).join(' '), stripFillers(words.slice(i + 1).join(' '))] as const);
}

function agrees(intent: Intent | undefined, asked: Intent | 'other'): boolean {
  return intent !== undefined && intent === asked;
}

function strongIntent(line: string, list: Named | undefined): Intent | undefined {
  const { join, leave } = intentTable();
  return firstMatch(line, list, { join, leave });
}

function weakIntent(line: string, list: Named | undefined): Intent | undefined {
  const { weakJoin, weakLeave } = intentTable();
  return firstMatch(line, list, { join: weakJoin, leave: weakLeave });
}

function firstMatch(
  line: string,
  list: Named | undefined,
  patterns: { join: RegExp; leave: RegExp },
): Intent | undefined {
  if (line.length > 200) return undefined;
  const text = stripFillers(line, list);
  if (text === '' || text.split(' ').length > maxWords) return undefined;
  if (patterns.leave.test(text)) return 'leave';
  return patterns.join.test(text) ? 'join' : undefined;
}

/** Normalised, without greeting, politeness and the list's name; '' when nothing else was there. */
function stripFillers(line: string, list?: Named): string {
  let text = ` ${normalizeIntent(line)} `;
  for (const name of list ? namesOf(list) : []) text = text.replaceAll(` ${name} `, ' ');
  text = text.trim();
  const { leading, trailing } = intentTable();
  // Ten rounds take off more politeness than anybody has; the bound keeps hostile lines cheap.
  for (let round = 0; round < 10; round++) {
    const shorter = text.replace(leading, '').replace(trailing, '');
    if (shorter === text) break;
    text = shorter;
  }
  return text;
}

/** Longest first: the address contains the name. */
function namesOf(list: Named): string[] {
  const names = [listAddress(list), list.title, list.name].map(normalizeIntent).filter((name) => name !== '');
  return names.sort((a, b) => b.length - a.length);
}
