import type { AttachmentFact } from '../domain/checks.ts';
import type { Allowance } from './archive-names.ts';
import { contentHead, readContent } from './dangerous-content.ts';
import { type Objection, objectionTo, type SavedFile } from './dangerous-file.ts';
import { dangerOfName, kindOfName, kindOfType, saysArchive, shorten } from './dangerous-name.ts';
import { readFilename, tidyFilename, writtenFilenames } from './filename.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { type MimePart, mimeLimits, readMime } from './mime-tree.ts';
import { decodedLength, decodeTransfer } from './transfer-encoding.ts';
import { saysTwice, whyUnclear } from './unclear-part.ts';
import { findUuencoded, type UuencodedFile } from './uuencoded.ts';

/** More attachments than this tell nothing new; the dangerous ones come first. */
const mostFacts = 100;
/** Messages attached to messages attached to messages are looked into so far. */
const mostNested = 4;
/** Bytes that archives inside archives may unpack to, in one mail. */
const mostUnpacked = 4 * 1024 * 1024;
/** Other programs may read what mime-tree.ts leaves out: what cannot be seen is not called harmless. */
const tooDeep = 'its parts are nested too deeply to look into';
const tooMany = 'it has more parts than can be looked into';

/**
 * The attachments of a mail, with why nobody should open them: told by their names (all that they give themselves), by their first
 * bytes, and by the names inside archives. A password on an archive is a danger of its own: nobody can see what it holds. Formats that it
 * cannot look into are `closed`, and so are archives with others inside, but for ZIP in ZIP, told by their names. Never throws; bounded in
 * time and memory. Mail of one text costs a search for "begin".
 */
export function findAttachments(raw: Buffer, head: MailHead = readHead(raw)): readonly AttachmentFact[] {
  if (isPlain(head) && !raw.includes('begin', head.bodyStart)) return [];
  const found: AttachmentFact[] = [];
  collectMessage(readMime(raw, head), { found, nested: 0, allowance: { left: mostUnpacked } });
  if (found.length <= mostFacts) return found;
  return [
    ...found.filter(({ danger }) => danger !== undefined),
    ...found.filter(({ danger, closed }) => danger === undefined && closed !== undefined),
    ...found.filter(({ danger, closed }) => danger === undefined && closed === undefined),
  ].slice(0, mostFacts);
}

/** One text without a name, whose encoding hides nothing: most mail of a list, told without reading its structure. */
function isPlain(head: MailHead): boolean {
  const type = firstValue(head, 'content-type');
  return (
    (type === '' || (/^text\/plain\s*(;|$)/i.test(type) && !/name/i.test(type))) &&
    !/base64/i.test(firstValue(head, 'content-transfer-encoding')) &&
    firstValue(head, 'content-disposition') === '' &&
    !saysTwice(head)
  );
}

/** One mail while it is looked through. */
interface Scan {
  readonly found: AttachmentFact[];
  /** How many attached messages stand around. */
  readonly nested: number;
  readonly allowance: Allowance;
}

function collectMessage(tree: MimePart, scan: Scan): void {
  collect(tree, scan);
  if (countParts(tree) > mimeLimits.parts) scan.found.push(factOf(tree, { danger: tooMany }));
}

function countParts({ children }: MimePart): number {
  return children.reduce((sum, child) => sum + countParts(child), 1);
}

function collect(part: MimePart, scan: Scan): void {
  const unclear = whyUnclear(part);
  if (unclear) scan.found.push(factOf(part, { danger: unclear }));
  if (part.children.length === 0) inspect(part, scan);
  else if (part.type === 'message/rfc822') scan.found.push(factOf(part));
  for (const child of part.children) collect(child, scan);
}

function inspect(part: MimePart, scan: Scan): void {
  const { found, nested } = scan;
  if (part.type.startsWith('multipart/')) {
    found.push(factOf(part, { danger: tooDeep }));
    return;
  }
  if (part.type === 'message/rfc822') {
    found.push(nested < mostNested ? factOf(part) : factOf(part, { danger: tooDeep }));
    if (nested < mostNested) collectInside(part, scan);
    return;
  }
  const objection = objectionToPart(part, scan.allowance);
  if (objection.danger !== undefined || objection.closed !== undefined || isAttachment(part))
    found.push(factOf(part, objection));
  if (isShown(part.type) || isUuencoded(part)) found.push(...uuencodedIn(part));
}

/** By its own word, which is older than MIME's. */
function isUuencoded(part: MimePart): boolean {
  return /^(?:x-)?uu(?:e|encode)?$/i.test(encodingOf(part).trim());
}

/** A message that is attached as a file: its own attachments open as easily. */
function collectInside(part: MimePart, scan: Scan): void {
  const raw = decodeTransfer(part.body, encodingOf(part));
  collectMessage(readMime(raw, readHead(raw)), { ...scan, nested: scan.nested + 1 });
}

function factOf(part: MimePart, objection: Objection = {}): AttachmentFact {
  return {
    filename: readFilename(part),
    type: part.type.slice(0, 100),
    bytes: decodedLength(part.body, encodingOf(part)),
    ...objection,
  };
}

function isAttachment({ type, disposition }: MimePart): boolean {
  return (disposition === 'attachment' || !isShown(type)) && !isSignature(type);
}

function isShown(type: string): boolean {
  return type === 'text/plain' || type === 'text/html' || type === 'message/delivery-status';
}

function isSignature(type: string): boolean {
  return /^application\/(pgp|(x-)?pkcs7)-signature$/.test(type);
}

function encodingOf({ head }: MimePart): string {
  return firstValue(head, 'content-transfer-encoding');
}

function objectionToPart(part: MimePart, allowance: Allowance): Objection {
  const names = writtenFilenames(part);
  for (const name of names) {
    const danger = dangerOfName(name) ?? dangerOfCompressed(name);
    if (danger) return { danger };
  }
  const shown = shorten(names[0] ?? '');
  const called = shown === '' ? 'an attachment without a name' : `"${shown}"`;
  const kind = kindOfType(part.type);
  if (kind) return { danger: `${called} is ${kind}` };
  // RFC 2046 §5.2.2: whoever puts the pieces together sees for the first time what it is.
  if (part.type === 'message/partial')
    return { danger: 'it is a piece of a larger message, which nobody can look into' };
  if (isShown(part.type) && part.disposition !== 'attachment' && names.length === 0) return {};
  return knownEncodings.test(encodingOf(part).trim()) || isUuencoded(part)
    ? objectionToContent(part, { called, saysArchive: saysArchive(names, part.type) }, allowance)
    : { danger: `${called} is encoded in a way that nobody can look into` };
}

/** Of the others a comment is one (`base64 (x)`), which some programs pass over and decode. */
const knownEncodings = /^(?:|base64|quoted-printable|7-?bits?|8-?bits?|binary|none)$/i;

/** `setup.exe.gz` */
function dangerOfCompressed(name: string): string | undefined {
  const inner = name.replace(/\.(gz|bz2|xz|zst|lz|z)$/i, '');
  const kind = inner === name ? undefined : kindOfName(inner);
  return kind && `"${shorten(name)}" holds ${kind}`;
}

function objectionToContent(
  part: MimePart,
  said: Pick<SavedFile, 'called' | 'saysArchive'>,
  allowance: Allowance,
): Objection {
  const encoding = encodingOf(part);
  let whole: Buffer | undefined;
  return objectionTo(
    {
      ...said,
      // Base64 takes 4/3, and line ends; quoted-printable up to three times as much.
      head: decodeTransfer(part.body.subarray(0, 3 * contentHead), encoding),
      whole: () => {
        whole ??= decodeTransfer(part.body, encoding);
        return whole;
      },
    },
    allowance,
  );
}

function uuencodedIn(part: MimePart): AttachmentFact[] {
  const encoding = encodingOf(part);
  if (!/base64/i.test(encoding) && !part.body.includes('begin')) return [];
  const body = decodeTransfer(part.body, encoding);
  return findUuencoded(body).map((file) => ({
    filename: tidyFilename(file.name),
    type: 'application/octet-stream',
    bytes: 0,
    ...objectionToUuencoded(file),
  }));
}

/** Only its first line is decoded: that tells what it is, and not what an archive holds. */
function objectionToUuencoded({ name, head }: UuencodedFile): Objection {
  const danger = dangerOfName(name) ?? dangerOfCompressed(name);
  if (danger) return { danger };
  const content = readContent(head);
  const called = `"${shorten(name)}"`;
  if (content.kind === 'dangerous')
    return { danger: `${called} is ${content.danger}, whatever its name says` };
  const isPacked = content.kind !== 'other' && content.kind !== 'compound';
  return isPacked || saysArchive([name], '')
    ? { closed: `${called} is an archive written into the text, which nobody can look into` }
    : {};
}
