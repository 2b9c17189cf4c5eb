import { asciiLowerCase } from '../domain/address.ts';
import { decodeBytes } from './charset.ts';
import { tidyText } from './decode-header.ts';
import { firstValue } from './headers.ts';
import { htmlToText } from './html-to-text.ts';
import type { MimePart } from './mime-tree.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** Longest text looked at, in bytes before decoding. */
const maxText = 16 * 1024;

/**
 * What a report says to people, without the mail that it brings back: its subject may speak of spam and its text of full mailboxes. ''
 * where there is none.
 */
export function noticeText(parts: readonly MimePart[]): string {
  const plain = parts.find(({ type }) => type === 'text/plain');
  const part = plain ?? parts.find(({ type }) => type === 'text/html');
  if (!part) return '';
  const bytes = decodeTransfer(
    part.body.subarray(0, maxText),
    firstValue(part.head, 'content-transfer-encoding'),
  );
  const text = decodeBytes(bytes, part.parameters.get('charset'));
  return beforeReturnedMail(part.type === 'text/html' ? htmlToText(text) : text);
}

const longestSaid = 2_000;

/** Text of a few lines as one. */
export function gist(text: string): string {
  return tidyText(text).slice(0, longestSaid);
}

/** The command of the SMTP dialogue that was refused, where a text tells it. */
export function stageIn(text: string): 'rcpt' | 'data' | undefined {
  if (/in reply to (?:the )?end of data|(?:>>>|after(?: end of)?|command:?) data\b/i.test(text))
    return 'data';
  return /\brcpt|server has rejected address/i.test(text) ? 'rcpt' : undefined;
}

/**
 * Of a text about several recipients the passage about one: the longest from a mention of it to the next one of another. All of the text
 * where there is none.
 */
export function textAbout(text: string, addresses: readonly string[], among: readonly string[]): string {
  const others = among.filter((address) => !addresses.includes(address));
  if (others.length === 0 || addresses.length === 0) return text;
  const lower = asciiLowerCase(text);
  const mentions = (names: readonly string[]) =>
    names.flatMap((name) => placesOf(lower, asciiLowerCase(name)));
  const stops = [...mentions(others), text.length].sort((a, b) => a - b);
  const passages = mentions(addresses).map((start) =>
    text.slice(start, stops.find((stop) => stop > start) ?? text.length),
  );
  return passages.sort((a, b) => b.length - a.length)[0] ?? text;
}

const maxMentions = 20;

function placesOf(text: string, name: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(name); at !== -1 && places.length < maxMentions; at = text.indexOf(name, at + 1))
    places.push(at);
  return places;
}

function beforeReturnedMail(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex(
    (line, at) => returnedMail.test(line.slice(0, 200)) || startsHeaders(lines, at),
  );
  return (end === -1 ? lines : lines.slice(0, end)).join('\n');
}

/** `------ This is a copy of the message, including all the headers. ------` and its cousins. */
const returnedMail =
  /^[\s*#]*(?:[-=_*]{2,}.{0,30}(?:copy|text|headers?|part|beginning) of (?:the|your) |[-=_*]{2,}.{0,20}(?:below this line|original|unsent|returned|undelivered|message header|received)\b|(?:included|attached|below|following|here) is a copy |your (?:original )?message (?:reads|follows|was:|headers)|(?:the )?(?:original|returned|unsent) (?:message|mail|e-?mail)(?: headers?)?(?: as)?(?: follows?| text)?:?\s*[-=]*$|message headers? follow)/i;

const fieldLine = /^(?:received|return-path|from|to|subject|date|message-id|mime-version|x-[\w-]+): ?/i;

/** Header lines that nobody writes to people. */
function startsHeaders(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  return receivedLine.test(line) || (/^return-path: ?</i.test(line) && fieldLine.test(lines[at + 1] ?? ''));
}

const receivedLine = /^received: ?(?:from|by) ?/i;
