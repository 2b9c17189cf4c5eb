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
 * base64. What is signed or encrypted stays in 8 bits: that next hop copes, or says no. Before it is sealed; pure.
 */
export function plainCopy(copy: Copy, form: CopyForm): Copy {
  if (form === 'full') return copy;
  const fields = copy.head.fields.flatMap((field) => plainField(field) ?? []);
  return form === 'ascii-head' ? { head: { fields }, body: copy.body } : inSevenBits(fields, copy.body);
}

function inSevenBits(fields: readonly HeaderField[], body: Buffer): Copy {
  const raw = Buffer.concat([renderHead({ fields }), Buffer.from('\r\n'), body]);
  const leaves = encodeLeaves(raw, readMime(raw, readHead(raw)), hasHighBits);
  const plain = splice(
    raw,
    leaves.flatMap(({ splices }) => splices),
  );
  const plainHead = readHead(plain);
  return { head: plainHead, body: plain.subarray(plainHead.bodyStart) };
}

function hasHighBits(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) > 127) return true;
  return false;
}
