import { baseSubject } from '../domain/base-subject.ts';
import type { Moderation, ModerationAct } from '../domain/moderation.ts';
import { readReply } from './intents.ts';
import { stripMarks } from './own-text.ts';

/** What a moderator's reply says (email.md §4.6). `item` counts from 1; absent: the one item there is, or all of them. */
export type ModerationReply =
  | {
      readonly kind: 'decided';
      readonly decisions: readonly (Moderation & { readonly item?: number })[];
      /** Lines that decide about numbers which the bundle does not have: their writer must hear that nothing came of them. */
      readonly misnumbered?: readonly string[];
    }
  /** Nothing of the moderator's own, or nothing that decides. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unclear' };

/** Decisions in one reply: a bundle names at most so many. */
const mostDecisions = 100;
const longestReason = 2000;

/**
 * Reads a reply about `count` waiting posts. A word must be the whole of the first own line, or the whole Subject of a mail that is no
 * reply (a mailto link); only `reject` may be followed by its reason. Anything else decides nothing.
 */
export function readModeration(subject: string, ownText: string, count: number): ModerationReply {
  return readSubject(subject, ownText) ?? (count === 1 ? readOne(ownText) : readSeveral(ownText, count));
}

/** The word of a mailto link. What is written below it is the reason of a rejection, and must not say something else. */
function readSubject(subject: string, text: string): ModerationReply | undefined {
  const said = baseSubject(subject).isReply ? undefined : readWords(subject);
  if (!said) return undefined;
  const below = readWords(linesOf(text)[0] ?? '');
  if (below && below.act !== said.act) return { kind: 'unclear' };
  const reason = said.act === 'reject' ? said.reason || (below?.reason ?? firstParagraph(text)) : '';
  return decided(said.act, reason);
}

function readOne(text: string): ModerationReply {
  const [line] = linesOf(text);
  if (line === undefined) return { kind: 'empty' };
  // `1 ok` is the answer to a bundle, and fits one post, too.
  const said = readWords(line.replace(/^1[\s.:)]+(?=\p{L})/u, ''));
  if (!said) return { kind: 'unclear' };
  // A reason may run over several lines, or begin below its colon. A bare “reject” is followed by a name at most.
  const goesOn = said.act === 'reject' && (/[^#\d]/.test(said.reason) || /[:：]\W*$/.test(line));
  return decided(
    said.act,
    goesOn ? `${said.reason}\n${firstParagraph(text.replace(line, ''))}`.trim() : said.reason,
  );
}

function decided(act: ModerationAct, reason: string): ModerationReply {
  return { kind: 'decided', decisions: [{ act, reason: reason.slice(0, longestReason) }] };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What stands before the first empty line: a name comes after one. */
function firstParagraph(text: string): string {
  return text.trim().split(/\n\s*\n/, 1)[0] ?? '';
}

/** A line for each: `1 ok`, `2, 3 discard`, `all ok`. The first line must be one; the first that is none after it ends the reply. */
function readSeveral(text: string, count: number): ModerationReply {
  const lines = linesOf(text);
  if (lines.length === 0) return { kind: 'empty' };
  const decisions: (Moderation & { item?: number })[] = [];
  const misnumbered: string[] = [];
  for (const line of lines.slice(0, mostDecisions)) {
    const found = readNumbered(line, count);
    if (!found) break;
    if (found === 'misnumbered') misnumbered.push(line.slice(0, 100));
    else decisions.push(...found);
  }
  if (decisions.length === 0) return { kind: 'unclear' };
  return { kind: 'decided', decisions, ...(misnumbered.length > 0 && { misnumbered }) };
}

function readNumbered(
  line: string,
  count: number,
): (Moderation & { item?: number })[] | 'misnumbered' | undefined {
  const match =
    /^(all|alle|tous|todos?|tutti|#?\d{1,3}(?:\s*(?:,|-|and|\+)\s*#?\d{1,3})*)[\s.:)]+(.+)$/i.exec(line);
  // `1  "ok"` is how our own mail names a post whose Subject is “ok”: a program may repeat it without a mark of quotation.
  const said = match && !/^["“]/.test(match[2] ?? '') && readWords(match[2] ?? '');
  if (!match || !said) return undefined;
  const numbers = match[1] ?? '';
  if (!/\d/.test(numbers)) return [said];
  const items = itemsOf(numbers, count);
  return items?.map((item) => ({ ...said, item })) ?? 'misnumbered';
}

/** `2, 4-6`; undefined when one of them is no number of the bundle. */
function itemsOf(numbers: string, count: number): number[] | undefined {
  const items: number[] = [];
  for (const part of numbers.replaceAll('#', '').split(/\s*(?:,|and|\+)\s*/i)) {
    const [from = 0, to = from] = part.split('-').map(Number);
    if (from < 1 || to > count || to < from) return undefined;
    for (let item = from; item <= to; item++) items.push(item);
  }
  return items;
}

/** A line that decides: one word, or `reject` with its reason. */
function readWords(line: string): Moderation | undefined {
  if (line.length > longestReason) return undefined;
  const rejected = rejectLine.exec(line);
  if (rejected) return { act: 'reject', reason: (rejected[1] ?? rejected[2] ?? '').trim() };
  const word = stripMarks(line).toLowerCase();
  const act = words.get(word);
  if (act) return { act, reason: '' };
  return readReply(line, 'other') === 'yes' ? { act: 'approve', reason: '' } : undefined;
}

/** The reason comes after a colon, a comma or a dash; without one it is the number of a canned reason. */
const rejectLine =
  /^["'<*_(]*(?:reject(?:ed)?|refuse|decline|ablehnen|abgelehnt|rejeter|refuser|rechazar|rifiuta|rejeitar|afwijzen|avvisa|afvis|odrzuć)["'>*_)]*\s*(?:$|[.!]\s*$|[:,–—-]\s*(.*)$|(#?\d{1,3})\s*$)/iu;

const words: ReadonlyMap<string, ModerationAct> = new Map<string, ModerationAct>(
  (
    [
      [
        'approve',
        'a approve approved accept accepted post publish freigeben freigegeben approuver aprobar approva aprovar goedkeuren godkänn godkend godkjenn',
      ],
      [
        'discard',
        'discard drop delete verwerfen löschen supprimer descartar scarta eliminar verwijderen kasta slet usuń',
      ],
      ['allow', 'allow trust erlauben autoriser permitir consenti toestaan tillåt tillad tillat'],
      ['ban', 'ban block sperren bannir bloquer bloquear blocca blokkeren blockera bloker'],
    ] as const
  ).flatMap(([act, synonyms]) => synonyms.split(' ').map((word) => [word, act] as const)),
);
