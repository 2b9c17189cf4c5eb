import type { Rule } from './rule.ts';

export const digestReply: Rule = {
  name: 'digest-reply',
  summary: 'Holds an answer to a digest that still has its subject, or quotes all of it.',
  judge: ({ list, mail, quotesDigest }) => {
    if (list.settings.digest_replies === 'accept') return undefined;
    if (isDigestSubject(mail.subject)) {
      return {
        verdict: 'hold',
        why: 'its subject is that of a digest: please edit the subject to say what it is about',
      };
    }
    return quotesDigest
      ? { verdict: 'hold', why: 'it quotes a whole digest: please quote only what it answers' }
      : undefined;
  },
};

/**
 * Mailman (`Birds Digest, Vol 3, Issue 4`, and in some of its languages), which is also how ours will be called; LISTSERV
 * (`BIRDS Digest - 1 Jan 2026 to 2 Jan 2026 (#2026-2)`); Google Groups, Yahoo, Majordomo (`birds-digest V1 #23`)
 * and the custom that RFC 1153 describes (`Birds Digest V90 #3`).
 */
const digestSubjects: readonly RegExp[] = [
  /\b(?:digest|lot|resumen|nachrichtensammlung|verzamelbericht)\b[^,]{0,100},\s*vol(?:\.|ume)? \d+, \p{L}{2,20} \d+/iu,
  /\bnachrichtensammlung, band \d+, eintrag \d+/iu,
  /\bdigest - [^#]{0,100}\(#\d{4}-\d+\)/i,
  /\bdigest for \S{1,254} - \d+ \w+ in \d+ topics?\b/i,
  /\bdigest (?:number |#)\d+/i,
  /\bdigest,? {1,5}v(?:ol(?:ume)?)?\.? ?\d+ ?[,:]? ?(?:#|issue )\d+/i,
];

export function isDigestSubject(subject: string): boolean {
  return digestSubjects.some((pattern) => pattern.test(subject));
}
