import { readParameters } from './content-type.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { splitParts } from './split-parts.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** A part of a mail with what is inside; bodies are views of the message, still encoded. */
export interface MimePart {
  /** IMAP's number (RFC 3501 §6.4.5): `1`, `2.1`; '' for a multipart that is the whole message. */
  readonly number: string;
  /** Lower case; `text/plain` where there is none. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly disposition: 'attachment' | 'inline' | '';
  readonly head: MailHead;
  readonly body: Buffer;
  readonly children: readonly MimePart[];
}

/** What is looked at, over all of a message: more is hostile, and left out. */
export const mimeLimits = { parts: 2000, depth: 20, head: 32 * 1024 };

/**
 * The structure of a message. Not mailparser: that decodes every part into strings on the heap, and one large enough kills the
 * process through its worker's heap limit (Node aborts when a single allocation exceeds it); it takes 5 ms for what is a scan for
 * delimiters here. Linear in bytes times depth; never throws.
 */
export function readMime(raw: Buffer, head: MailHead): MimePart {
  const budget = { parts: mimeLimits.parts };
  return readPart(
    { head, body: raw.subarray(head.bodyStart), number: '', depth: 0, standard: 'text/plain' },
    budget,
  );
}

interface Place {
  readonly head: MailHead;
  readonly body: Buffer;
  readonly number: string;
  readonly depth: number;
  /** The type of a part that names none (RFC 2046 §5.1.5: digests differ). */
  readonly standard: string;
}

function readPart(place: Place, budget: { parts: number }): MimePart {
  const { head, body, depth } = place;
  const { type: named, parameters } = readParameters(firstValue(head, 'content-type'));
  const type = /^[^/\s]+\/[^/\s]+$/.test(named) ? named : place.standard;
  const written = readParameters(firstValue(head, 'content-disposition')).type;
  // RFC 2183 §2.8: an unknown disposition is an attachment.
  const disposition = written === '' || written === 'inline' ? written : 'attachment';
  // A message that is one part calls it 1.
  const number = place.number === '' && !type.startsWith('multipart/') ? '1' : place.number;
  const container = { ...place, number, type, parameters, disposition };
  const children = depth < mimeLimits.depth ? childrenOf(container, budget) : [];
  if (!type.startsWith('multipart/') || children.length > 0 || depth === mimeLimits.depth) {
    return { number, type, parameters, disposition, head, body, children };
  }
  // The text of a multipart that has no parts is shown as it is.
  return { number: number || '1', type: 'text/plain', parameters, disposition, head, body, children };
}

interface Container extends Place {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly disposition: string;
}

function childrenOf(container: Container, budget: { parts: number }): MimePart[] {
  const { type, disposition } = container;
  if (type.startsWith('multipart/')) return partsOf(container, budget);
  if (type === 'message/rfc822' && disposition !== 'attachment') return messageOf(container, budget);
  return [];
}

function partsOf(
  { body, number, depth, type, parameters }: Container,
  budget: { parts: number },
): MimePart[] {
  const boundary = parameters.get('boundary') ?? '';
  if (boundary === '') return [];
  const standard = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const parts = splitParts(body, boundary, budget.parts);
  budget.parts -= parts.length;
  return parts.map((bytes, i) =>
    readPart(
      {
        ...openPart(bytes),
        number: `${number === '' ? '' : `${number}.`}${i + 1}`,
        depth: depth + 1,
        standard,
      },
      budget,
    ),
  );
}

/** A message inside: a multipart takes its container's number, anything else is its part 1. */
function messageOf({ head, body, number, depth }: Container, budget: { parts: number }): MimePart[] {
  const bytes = decodeTransfer(body, firstValue(head, 'content-transfer-encoding'));
  const inner = openPart(bytes);
  const isMultipart = /^\s*multipart\//i.test(firstValue(inner.head, 'content-type'));
  const place = {
    ...inner,
    number: isMultipart ? number : `${number}.1`,
    depth: depth + 1,
    standard: 'text/plain',
  };
  return [readPart(place, budget)];
}

/** A part without any field is all body, even where the empty line is missing. */
function openPart(bytes: Buffer): Pick<Place, 'head' | 'body'> {
  const head = readHead(bytes.subarray(0, mimeLimits.head));
  const isBare = head.fields.every((field) => field.name === '') && head.end > 0;
  return isBare
    ? { head: { fields: [], end: 0, bodyStart: 0 }, body: bytes }
    : { head, body: bytes.subarray(head.bodyStart) };
}
