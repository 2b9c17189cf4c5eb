import type { Reply } from '../domain/outcome.ts';

/** RFC 5321 §4.5.3.1.5 allows 512 octets a line; servers exceed it, but not by much. */
const longestLine = 4096;
const mostLines = 100;
/** What is kept of a reply's text, in characters. */
const keptText = 500;

/** Reads SMTP replies as they arrive. `take` returns what is wrong, once the other side has stopped speaking SMTP. */
export interface ReplyReader {
  take(chunk: Buffer, onReply: (reply: Reply) => void): string | undefined;
}

export function createReplyReader(): ReplyReader {
  let remainder = '';
  let lines = 0;
  let text = '';
  let code = 0;
  /** The latest reply of one line. */
  let latest: { readonly content: string; readonly reply: Reply } | undefined;

  /** One line without its end; the reply it completes, `more`, or what is wrong with it. */
  function line(content: string): Reply | 'more' | Problem {
    const found = readCode(content);
    if (found === undefined || (lines > 0 && found !== code)) return problem(content);
    if (++lines > mostLines) return { problem: 'a reply without end' };
    code = found;
    if (text.length < keptText) text += (text === '' ? '' : ' ') + content.slice(4);
    if (content[3] === '-') return 'more';
    const reply = { code, text: printable(text).slice(0, keptText).trim() };
    lines = 0;
    text = '';
    return reply;
  }

  return {
    take(chunk, onReply) {
      const arrived = remainder + chunk.toString('latin1');
      let start = 0;
      for (let end = arrived.indexOf('\n'); end >= 0; end = arrived.indexOf('\n', start)) {
        const content = arrived.slice(start, arrived[end - 1] === '\r' ? end - 1 : end);
        start = end + 1;
        const isFirst = lines === 0;
        // A hundred recipients are accepted in the same words.
        const result = isFirst && content === latest?.content ? latest.reply : line(content);
        if (result === 'more') continue;
        if ('problem' in result) return result.problem;
        if (isFirst) latest = { content, reply: result };
        onReply(result);
      }
      remainder = arrived.slice(start);
      return remainder.length > longestLine ? 'a reply line without end' : undefined;
    },
  };
}

interface Problem {
  readonly problem: string;
}

/** RFC 5321 §4.2: three digits, the first 2 to 5, then a space, a hyphen where lines follow, or nothing. */
function readCode(line: string): number | undefined {
  if (line.length > longestLine) return undefined;
  if (line.length > 3 && line[3] !== ' ' && line[3] !== '-') return undefined;
  const code = Number(line.slice(0, 3));
  return Number.isInteger(code) && code >= 200 && code <= 599 ? code : undefined;
}

function problem(line: string): Problem {
  return { problem: `no SMTP reply: "${printable(line.slice(0, 80))}"` };
}

/** It ends in logs and on terminals: no control characters. */
function printable(text: string): string {
  return /[^ -~]/.test(text) ? text.replace(/[^ -~\xa0-\xff]+/g, ' ') : text;
}
