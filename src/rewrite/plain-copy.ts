import { renderHead } from '../mail/edit-head.ts';
import { encodeLeaves } from '../mail/encode-leaves.ts';
import { type MailHead, readHead } from '../mail/headers.ts';
import { readMime } from '../mail/mime-tree.ts';
import { plainField } from '../mail/plain-field.ts';
import { splice } from '../mail/splice.ts';

/** A header block and the body that belongs to it. */
export interface Copy {
  readonly head: Pick<MailHead, 'fields'>;
  readonly body: Buffer;
}

/**
 * A copy for a next hop that takes less (email.md §5.9): its header fields in ASCII, its 8-bit leaves in quoted-printable or base64. What
 * is signed or encrypted stays in 8 bits: that next hop copes, or says no. Before it is sealed; pure.
 */
export function plainCopy({ head, body }: Copy): Copy {
  const fields = head.fields.flatMap((field) => plainField(field) ?? []);
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
