import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/**
 * Patterns that owners write, in RE2's syntax: matched in linear time, whatever they say and whatever a stranger's mail holds. They
 * run while the mail's transaction is open, so all of one owner's together are bounded, too: at 25 ns for an instruction and a
 * character of text, `mostInstructions` on `longestText` characters take 50 ms at worst, and common ones a few microseconds each.
 */

/** In characters. */
const longestPattern = 200;
/** Of one compiled pattern. `\bunsubscribe\b` has 15. */
const largestPattern = 300;
/** Of all patterns of one kind that a list, or the site, has. */
export const mostInstructions = 2000;
/** Of a longer text only the beginning is matched; an address has at most 254 characters. */
export const longestText = 1000;
/** What `{3}` and `{2,30}` may add up to: compiling copies what they repeat. */
const mostRepeats = 100;

/** Why the text is no pattern that we take, as a clause; undefined when it is one. */
export function findPatternProblem(pattern: string): string | undefined {
  if (pattern === '') return 'a pattern needs at least one character';
  if (pattern.length > longestPattern) return `a pattern has at most ${longestPattern} characters`;
  if (/\p{Cc}/u.test(pattern)) return 'a pattern holds no control characters: write \\t or \\x00';
  if (countRepeats(pattern) > mostRepeats) return `its repetitions add up to more than ${mostRepeats}`;
  try {
    return sizeOf(pattern) > largestPattern ? 'the pattern is too large: make it shorter' : undefined;
  } catch (error) {
    return explain(error);
  }
}

/** Instructions of the compiled pattern: what it costs for each character of a text. */
export function sizeOf(pattern: string): number {
  return compiled(pattern).programSize();
}

/** Whether the pattern is found anywhere in the text, in any case of letters. */
export function isFoundIn(pattern: string, text: string): boolean {
  // Not test(): it keeps up to 8 MiB of states for each pattern, and hostile text fills them.
  return compiled(pattern).matcher(text.slice(0, longestText)).find();
}

/** By their size, because that is what their memory goes with: about 400 bytes an instruction, 8 MB in all. */
const cache = new LRUCache<string, RE2JS>({ maxSize: 20_000, sizeCalculation: (re) => re.programSize() });

function compiled(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known) return known;
  const fresh = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  cache.set(pattern, fresh);
  return fresh;
}

function countRepeats(pattern: string): number {
  return [...pattern.matchAll(/\{(\d*),?(\d*)\}/g)].reduce(
    (sum, [, least, most]) => sum + Math.max(Number(least), Number(most)),
    0,
  );
}

/** `error parsing regexp: missing closing ): `(?i)(`` → `missing closing ): (` */
function explain(error: unknown): string {
  if (!(error instanceof Error) || !error.name.startsWith('RE2JS')) throw error;
  const said = error.message.replace(/^error parsing regexp: /, '').replace('`(?i)', '`');
  const lacks = /\(\?[=!<]|\\[1-9]/.test(said)
    ? '; looking ahead or back and \\1 are not in this syntax'
    : '';
  return `it is no pattern: ${said}${lacks}`;
}
