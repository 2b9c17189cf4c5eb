import { editLeaf, type LeafPlace, whyUnclear } from './edit-leaf.ts';
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
    if (part.type.startsWith('multipart/') || isSealed(part) || whyUnclear(part)) continue;
    if (!wanted(part.body)) continue;
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

/** The parts whose own header block is not sealed by what they are in, in their order. */
export function openParts(root: MimePart): LeafPlace[] {
  const found: LeafPlace[] = [];
  const open: LeafPlace[] = [{ part: root, boundaries: [] }];
  for (let place = open.pop(); place; place = open.pop()) {
    const { part, boundaries } = place;
    found.push(place);
    if (!part.type.startsWith('multipart/') || isSealed(part) || whyUnclear(part)) continue;
    const within = [...boundaries, part.parameters.get('boundary') ?? ''];
    open.push(...part.children.map((child) => ({ part: child, boundaries: within })).reverse());
  }
  return found;
}

/** What must arrive as it was made (RFC 1847, RFC 8551), and RFC 2046 §5.2.1: a message inside a message is never encoded. */
function isSealed({ type }: MimePart): boolean {
  return /^(multipart\/(signed|encrypted)$|message\/|application\/((x-)?pkcs7-|pgp-encrypted$))/.test(type);
}

function transferFor(bytes: Buffer, transfer: Transfer): Transfer {
  if (transfer === 'base64' || transfer === 'quoted-printable') return transfer;
  return isShorterInBase64(bytes) ? 'base64' : 'quoted-printable';
}
