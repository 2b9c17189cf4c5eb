import type { RecipientResult } from '../domain/incoming.ts';

/** `text` starts with the enhanced status code (RFC 2034) and is one line of printable ASCII. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets with its code and CRLF. */
const maxText = 512 - '250 '.length - '\r\n'.length;

/** Makes any sentence of ours fit a reply: names and file paths in it may hold anything. */
export function reply(code: number, enhanced: string, sentence: string): Reply {
  const line = withPlainMarks(`${enhanced} ${sentence}`)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?');
  return { code, text: line.length > maxText ? `${line.slice(0, maxText - 3)}...` : line };
}

/** Our own sentences have typographic marks, which ASCII can say as well. */
function withPlainMarks(sentence: string): string {
  return sentence.replace(/[“”]/g, '"').replace(/[‘’]/g, "'").replace(/[–—]/g, '-').replaceAll('…', '...');
}

/** LMTP: the answer for one recipient (RFC 2033 §4.2). */
export function replyForOne(result: RecipientResult): Reply {
  switch (result.kind) {
    case 'accepted':
      return reply(250, '2.0.0', `accepted as ${result.id}`);
    case 'held':
      return reply(250, '2.0.0', `held for a moderator as ${result.id}`);
    case 'passed-on':
      return reply(250, '2.0.0', `passed on as ${result.id}`);
    case 'done':
    case 'dropped':
      return reply(250, '2.0.0', 'OK');
    case 'refused':
      return reply(result.code, result.enhanced, result.why);
  }
}

/**
 * SMTP: one answer for all recipients. 250 once any of them took the mail. When all refuse, a temporary refusal goes first: the
 * client comes back with the same mail, and who refuses for good does so again; the other way round would bounce what had only to wait.
 */
export function replyForAll(results: readonly RecipientResult[]): Reply {
  const refused = results.flatMap((result) => (result.kind === 'refused' ? [result] : []));
  const strongest = refused.find((result) => result.code < 500) ?? refused[0];
  if (strongest && refused.length === results.length) return replyForOne(strongest);
  const said = [
    ...idsOf(results, 'accepted', 'accepted as'),
    ...idsOf(results, 'held', 'held for a moderator as'),
    ...idsOf(results, 'passed-on', 'passed on as'),
    ...(strongest ? [`refused for ${refused.length} of ${results.length} recipients: ${strongest.why}`] : []),
  ];
  return reply(250, '2.0.0', said.join('; ') || 'OK');
}

function idsOf(
  results: readonly RecipientResult[],
  kind: 'accepted' | 'held' | 'passed-on',
  words: string,
): readonly string[] {
  const ids = results.flatMap((result) => (result.kind === kind ? [result.id] : []));
  return ids.length > 0 ? [`${words} ${ids.join(', ')}`] : [];
}
