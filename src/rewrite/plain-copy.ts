import { renderHead } from '../mail/edit-head.ts';
import { encodeLeaves } from '../mail/encode-leaves.ts';
import { type HeaderField, type MailHead, readHead } from '../mail/headers.ts';
import { readMime } from '../mail/mime-tree.ts';
import { plainField } from '../mail/plain-field.ts';
import { splice } from '../mail/splice.ts';

/** A header block and the body that belongs to it. */
export interface Copy {
  readonly head: Pick<MailHead, 'fields'>;
  readonly body: Buffer;
}

/** `full`: as it is. `ascii-head`: for servers without SMTPUTF8. `seven-bit`: for those that lack 8BITMIME, too. */
export type CopyForm = 'full' | 'ascii-head' | 'seven-bit';

/**
 * A copy for a next hop that takes less (email.md §5.9): its header fields in ASCII, and for seven bits its leaves in quoted-printable or
 * base64. What is signed or encrypted stays in 8 bits: that next hop copes, or says no. Before anybody asks which signatures hold; pure.
 */
export function plainCopy<C extends Copy>(copy: C, form: CopyForm): C {
  if (form === 'full') return copy;
  const ascii = copy.head.fields.flatMap((field) => plainField(field) ?? []);
  const { fields, body } =
    form === 'ascii-head' ? { fields: ascii, body: copy.body } : inSevenBits(ascii, copy.body);
  return { ...copy, head: { ...copy.head, fields }, body };
}

function inSevenBits(fields: readonly HeaderField[], body: Buffer) {
  const raw = Buffer.concat([renderHead({ fields }), Buffer.from('\r\n'), body]);
  const leaves = encodeLeaves(raw, readMime(raw, readHead(raw)), hasHighBits);
  const plain = splice(
    raw,
    leaves.flatMap(({ splices }) => splices),
  );
  const plainHead = readHead(plain);
  return { fields: plainHead.fields, body: plain.subarray(plainHead.bodyStart) };
}

function hasHighBits(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) > 127) return true;
  return false;
}
