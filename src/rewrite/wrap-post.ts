import { newField, renderHead } from '../mail/edit-head.ts';
import { type MailHead, readHead } from '../mail/headers.ts';
import type { SignedParts } from './surviving-signatures.ts';

/** Fields of the outer mail that are the author's own, so that it is sorted and threaded like the post. */
const carried: ReadonlySet<string> = new Set([
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
]);

/** The whole post as the one part of a mail with the same subject, date and Message-ID (RFC 2046 §5.2.1): its bytes stay as they are. */
export function wrapPost(post: SignedParts): { readonly head: MailHead; readonly body: Buffer } {
  const body = Buffer.concat([renderHead(post.head), crlf, post.body]);
  const encoding = /[\x80-\xff]/.test(body.toString('latin1')) ? '8bit' : '7bit';
  const fields = [
    ...post.head.fields.filter(({ name }) => carried.has(name)),
    newField('MIME-Version', '1.0'),
    newField('Content-Type', 'message/rfc822'),
    newField('Content-Transfer-Encoding', encoding),
    newField('Content-Disposition', 'inline'),
  ];
  return { head: readHead(Buffer.concat([renderHead({ fields }), crlf])), body };
}

const crlf = Buffer.from('\r\n');
