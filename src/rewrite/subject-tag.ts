import { leadingReplyMarker } from '../domain/reply-marker.ts';
import { decodeHeader, tidyText } from '../mail/decode-header.ts';
import { encodeText } from '../mail/encode-header.ts';

/** In octets: more is no subject, and would cost more than the rest of the mail. It stays as it is. */
const longest = 8000;

export interface SubjectTag {
  /** The list's setting: `[Birds]`, `[Birds #%d]`. */
  readonly template: string;
  /** Of the post. */
  readonly number: number;
}

/**
 * The subject with the list's tag behind one normalised reply marker (email.md §5.2); undefined where it stands there already, so that
 * an answer keeps its bytes and its signature. `value`: as received, unfolded; the result is ASCII. A number of the tag that is not this
 * post's is replaced. Not in front of the marker, as Mailman has it: programs that compare subjects would see two conversations.
 */
export function tagSubject(value: string, { template: written, number }: SubjectTag): string | undefined {
  if (value.length > longest) return undefined;
  // As it will be read: or it would not be known again.
  const template = tidyText(written);
  const tag = template.replaceAll('%d', String(number));
  const subject = decodeHeader(value);
  const { isReply, isTagged, rest } = readFront(subject, template);
  const isNumbered = template.includes('%d');
  if (isTagged && (!isNumbered || behindMarkers(subject).startsWith(tag))) return undefined;
  const front = `${isReply ? 'Re: ' : ''}${tag}`;
  return rest === '' ? encodeText(front) : `${keepWritten(value, template, { front, rest })}`;
}

interface Front {
  readonly isReply: boolean;
  /** Markers aside, the tag is the first thing there, whatever its number. */
  readonly isTagged: boolean;
  /** Behind all markers and tags of this list. */
  readonly rest: string;
}

function readFront(subject: string, template: string): Front {
  const ours = tagPattern(template);
  const isTagged = ours.test(behindMarkers(subject));
  let rest = subject;
  let isReply = false;
  for (;;) {
    const marker = leadingReplyMarker(rest);
    if (marker !== '') isReply = true;
    const found = marker || ours.exec(rest)?.[0];
    if (!found) return { isReply, isTagged, rest };
    rest = rest.slice(found.length);
  }
}

function behindMarkers(subject: string): string {
  let rest = subject;
  for (let marker = leadingReplyMarker(rest); marker !== ''; marker = leadingReplyMarker(rest))
    rest = rest.slice(marker.length);
  return rest;
}

/** The tag with any number, and the white space behind it. */
function tagPattern(template: string): RegExp {
  const words = template.split('%d');
  return new RegExp(`^${words.map(escaped).join('\\d{1,15}')}(?:\\s+|$)`, 'u');
}

/** Only what the `u` flag lets be escaped: `\-` outside a class is no pattern at all under it. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/**
 * The words of the author as they are encoded, where the seam is in plain sight; else all of it anew, as UTF-8. So a charset that we
 * cannot read stays one that somebody else may.
 */
function keepWritten(
  value: string,
  template: string,
  { front, rest }: { readonly front: string; readonly rest: string },
): string {
  const plain = isPlain(value) && isPlain(front) && !front.includes('=?');
  const written = plain ? readFront(value, template).rest : '';
  return written !== '' && decodeHeader(written) === rest
    ? `${front} ${written}`
    : encodeText(`${front} ${rest}`);
}

/** ASCII that a line of a header can hold as it is. */
function isPlain(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text) && !/[^ \t]{500}/.test(text);
}
