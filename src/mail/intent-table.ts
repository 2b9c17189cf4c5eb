import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** config/intents.json, compiled. All patterns match whole normalised texts of at most 200 characters. */
export interface IntentTable {
  readonly join: RegExp;
  readonly leave: RegExp;
  readonly weakJoin: RegExp;
  readonly weakLeave: RegExp;
  readonly yes: RegExp;
  readonly no: RegExp;
  /** Greetings and politeness at the start and at the end. */
  readonly leading: RegExp;
  readonly trailing: RegExp;
}

let loaded: IntentTable | undefined;

/** Read once, at its first use. Throws when the file is missing or no table. */
export function intentTable(): IntentTable {
  loaded ??= compile(shape.parse(JSON.parse(readFileSync(findFile(), 'utf8'))));
  return loaded;
}

/**
 * Text as the table's patterns see it: lower case, without accents on Latin letters, letters and digits separated by single
 * spaces.
 */
export function normalizeIntent(text: string): string {
  return foldAccents(text.slice(0, 400).normalize('NFKC').toLowerCase())
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}

const phrases = z.array(z.string().min(1));
const language = z.object({
  tail: z.string(),
  join: phrases,
  leave: phrases,
  weakJoin: phrases,
  weakLeave: phrases,
});
const shape = z.object({
  fillers: phrases,
  languages: z.record(z.string(), language),
  yes: phrases,
  no: phrases,
});

type Kind = 'join' | 'leave' | 'weakJoin' | 'weakLeave';

function compile(table: z.infer<typeof shape>): IntentTable {
  const intent = (kind: Kind) =>
    whole(Object.values(table.languages).map(({ tail, ...of }) => `(?:${of[kind].join('|')})(?:${tail})`));
  // Longest first: "thanks a lot" must not leave "a lot" behind.
  const fillers = [...table.fillers].sort((a, b) => b.length - a.length).join('|');
  return {
    join: intent('join'),
    leave: intent('leave'),
    weakJoin: intent('weakJoin'),
    weakLeave: intent('weakLeave'),
    yes: whole(table.yes),
    no: whole(table.no),
    leading: new RegExp(`^(?:${foldAccents(fillers)})(?: |$)`, 'u'),
    trailing: new RegExp(`(?:^| )(?:${foldAccents(fillers)})$`, 'u'),
  };
}

function whole(patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${foldAccents(patterns.join('|'))})$`, 'u');
}

/** People leave accents out. Only on Latin letters: elsewhere a mark makes another letter. */
function foldAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/([a-z])\p{M}+/gu, '$1')
    .normalize('NFC');
}

/** Beside src/ in the sources, beside dist/ in the package. */
function findFile(): URL {
  const places = ['../../config/intents.json', '../../../config/intents.json'];
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (!found) throw new Error('config/intents.json is missing from the installation');
  return found;
}
