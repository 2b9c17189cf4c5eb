import type { Reply } from '../domain/outcome.ts';

const LF = 10;
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
      let start = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        const content = remainder + chunk.toString('latin1', start, end);
        remainder = '';
        start = end + 1;
        const result = line(content.endsWith('\r') ? content.slice(0, -1) : content);
        if (result === 'more') continue;
        if ('problem' in result) return result.problem;
        onReply(result);
      }
      remainder += chunk.toString('latin1', start);
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
