import { readParameters } from './content-type.ts';
import { editLeaf, isAmbiguous, type LeafPlace } from './edit-leaf.ts';
import { firstValue } from './headers.ts';
import { encodeLike, readContent, type Transfer } from './leaf-content.ts';
import type { MimePart } from './mime-tree.ts';
import { isShorterInBase64 } from './quoted-printable.ts';
import type { Splice } from './splice.ts';

/** A leaf that travels in another transfer encoding than it came in. */
export interface EncodedLeaf {
  readonly part: MimePart;
  readonly transfer: Transfer;
  readonly splices: readonly Splice[];
}

/**
 * The leaves that `wanted` picks by their body, encoded so that no line of them is long and no octet over 127. Not those of signed and
 * encrypted parts and of messages inside the message, which are somebody's word, nor those whose code cannot be read.
 */
export function encodeLeaves(raw: Buffer, root: MimePart, wanted: (body: Buffer) => boolean): EncodedLeaf[] {
  const encoded: EncodedLeaf[] = [];
  for (const place of openParts(root)) {
    const { part } = place;
    if (part.children.length > 0 || !isLeaf(part) || !wanted(part.body)) continue;
    const content = readContent(part);
    if (!content) continue;
    const transfer = transferFor(content.bytes, content.transfer);
    const body = encodeLike(part.body, content.bytes, transfer);
    const splices = editLeaf(raw, place, {
      body,
      ...(transfer !== content.transfer && { encoding: transfer }),
    });
    if (typeof splices !== 'string') encoded.push({ part, transfer, splices });
  }
  return encoded;
}

/** The parts that may be changed, containers too, in their order. */
export function openParts(root: MimePart): LeafPlace[] {
  const found: LeafPlace[] = [];
  const open: LeafPlace[] = [{ part: root, boundaries: [] }];
  for (let place = open.pop(); place; place = open.pop()) {
    const { part, boundaries } = place;
    if (isSealed(part.type) || isAmbiguous(part)) continue;
    found.push(place);
    if (!part.type.startsWith('multipart/')) continue;
    const within = [...boundaries, part.parameters.get('boundary') ?? ''];
    open.push(...part.children.map((child) => ({ part: child, boundaries: within })).reverse());
  }
  return found;
}

/** What must arrive as it was made (RFC 1847, RFC 8551), and RFC 2046 §5.2.1: a message inside a message is never encoded. */
export function isSealed(type: string): boolean {
  return /^(multipart\/(signed|encrypted)$|message\/|application\/((x-)?pkcs7-|pgp-encrypted$))/.test(type);
}

/** Not a container whose parts were not found: RFC 2045 §6.4 forbids to encode one. */
function isLeaf({ head }: MimePart): boolean {
  return !/^(multipart|message)\//.test(readParameters(firstValue(head, 'content-type')).type);
}

function transferFor(bytes: Buffer, transfer: Transfer): Transfer {
  if (transfer === 'base64' || transfer === 'quoted-printable') return transfer;
  return isShorterInBase64(bytes) ? 'base64' : 'quoted-printable';
}
