import { z } from 'zod';
import type { SenderRule } from '../../domain/sender-rule.ts';
import { readAddress } from '../../mail/ascii-domain.ts';
import { findPatternProblem } from './pattern.ts';

export type SenderPattern = Pick<SenderRule, 'kind' | 'pattern'>;

/** Whom a rule is about, as somebody types it, in its canonical form; a pattern must be one that we can match. */
export const senderPatternInput = patternInput(findPatternProblem);

/** The same to name a rule that is there. */
export const knownSenderInput = patternInput(() => undefined);

function patternInput(findProblem: (expression: string) => string | undefined) {
  return z
    .string()
    .trim()
    .max(300)
    .transform((text, issues): SenderPattern => {
      const read = readSenderPattern(text);
      const expression =
        typeof read !== 'string' && read.kind === 'pattern' ? read.pattern.slice(1, -1) : undefined;
      const problem = typeof read === 'string' ? read : expression !== undefined && findProblem(expression);
      if (problem) issues.addIssue({ code: 'custom', message: `“${text.slice(0, 100)}”: ${problem}` });
      return read as SenderPattern;
    });
}

/** The pattern, or a clause why it is none. */
function readSenderPattern(text: string): SenderPattern | string {
  // An `i` is allowed behind it, because many will write it: addresses are compared without case anyway.
  const expression = /^\/(.*)\/i?$/s.exec(text)?.[1];
  if (expression !== undefined) return { kind: 'pattern', pattern: `/${expression}/` };
  if (text.startsWith('^')) return `a pattern stands between slashes: /${text}/`;
  if (text.startsWith('*@') || text.startsWith('@')) return readDomain(text.slice(text.indexOf('@') + 1));
  if (text.includes('*'))
    return 'a * stands for a whole name: *@example.org; anything else is a pattern between slashes';
  if (!text.includes('@')) return `write *@${text} for everybody at that domain`;
  const address = readAddress(text);
  return address ? { kind: 'address', pattern: address } : 'that is no address of a person';
}

/** `example.org`, or `*.example.org` for what is below it, up to a whole `*.top`. */
function readDomain(text: string): SenderPattern | string {
  const below = text.startsWith('*.');
  const name = below ? text.slice(2) : text;
  // A top-level domain is no host: it is read with a label in front.
  const address = readAddress(below ? `a@a.${name}` : `a@${name}`);
  if (!address)
    return 'there is no such domain; it looks like *@example.org, or *@*.example.org for all below it';
  return { kind: 'domain', pattern: below ? `*@*.${address.slice('a@a.'.length)}` : `*@${address.slice(2)}` };
}
