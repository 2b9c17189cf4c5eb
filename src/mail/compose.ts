import { createHash } from 'node:crypto';
import { newField, renderHead } from './edit-head.ts';
import { encodePhrase, encodeText, formatMailbox } from './encode-header.ts';
import { formatDate } from './format-date.ts';
import { type BodyPart, type PartField, textPart } from './text-part.ts';

/** One automatic mail of ours (email.md §2.7). Message-IDs are without angle brackets, addresses canonical. */
export interface NoticeMail {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  /** Plain text with LF or CRLF line ends. */
  readonly text: string;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** RFC 3834 §5: `auto-replied` for the answer to a mail, `auto-generated` for everything else. */
  readonly autoSubmitted: 'auto-replied' | 'auto-generated';
  readonly listId?: { readonly title: string; readonly id: string };
  readonly replyTo?: string;
  /** Further fields, values in ASCII. */
  readonly extraHeaders?: readonly (readonly [name: string, value: string])[];
  /** A whole mail to look at, as message/rfc822. */
  readonly attachment?: { readonly filename: string; readonly raw: Buffer };
}

/** The mail's bytes, ready to send: CRLF line ends, 7-bit text (8-bit only where an attached mail is), every field folded. */
export function composeNotice(mail: NoticeMail): Buffer {
  const text = textPart(mail.text);
  const body = mail.attachment ? mixed(mail.messageId, text, mail.attachment) : text;
  const fields = [...headerOf(mail), ...body.fields].map(([name, value]) => newField(name, value));
  return Buffer.concat([renderHead({ fields }), crlf, body.content]);
}

const crlf = Buffer.from('\r\n');

function headerOf(mail: NoticeMail): PartField[] {
  const { from, inReplyTo, references, listId, replyTo } = mail;
  return [
    ['From', formatMailbox({ name: from.name, email: from.address })],
    ['To', mail.to],
    ...optional('Reply-To', replyTo),
    ['Subject', encodeText(mail.subject)],
    ['Date', formatDate(mail.date)],
    ['Message-ID', `<${mail.messageId}>`],
    ...optional('In-Reply-To', inReplyTo && `<${inReplyTo}>`),
    ...optional('References', references?.map((id) => `<${id}>`).join(' ')),
    ['Auto-Submitted', mail.autoSubmitted],
    // Not "All": that would ask Exchange to keep its delivery reports to itself too ([MS-OXCMAIL] §2.1.3.2.20).
    ['X-Auto-Response-Suppress', 'OOF, AutoReply'],
    ...optional('List-Id', listId && `${encodePhrase(listId.title)} <${listId.id}>`),
    ...(mail.extraHeaders ?? []),
    ['MIME-Version', '1.0'],
  ];
}

function optional(name: string, value: string | undefined): PartField[] {
  return value ? [[name, value]] : [];
}

/** A mail inside a mail is never encoded (RFC 2046 §5.2.1): it goes in as it is. */
function mixed(messageId: string, text: BodyPart, attachment: { filename: string; raw: Buffer }): BodyPart {
  const { filename, raw } = attachment;
  const boundary = unusedBoundary(messageId, raw);
  const encoding = raw.every((byte) => byte < 128) ? '7bit' : '8bit';
  const name = filename.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
  const inner: PartField[] = [
    ['Content-Type', 'message/rfc822'],
    ['Content-Transfer-Encoding', encoding],
    ['Content-Disposition', `attachment; filename="${name}"`],
  ];
  return {
    fields: [
      ['Content-Type', `multipart/mixed; boundary="${boundary}"`],
      ['Content-Transfer-Encoding', encoding],
    ],
    content: Buffer.concat([
      Buffer.from(`--${boundary}\r\n`),
      renderPart(text),
      Buffer.from(`\r\n--${boundary}\r\n`),
      renderPart({ fields: inner, content: raw }),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

function renderPart({ fields, content }: BodyPart): Buffer {
  const head = renderHead({ fields: fields.map(([name, value]) => newField(name, value)) });
  return Buffer.concat([head, crlf, content]);
}

/** Made from the Message-ID, so that the same notice has the same bytes; a mail that holds it gets the next one. */
function unusedBoundary(messageId: string, raw: Buffer): string {
  for (let attempt = 0; ; attempt++) {
    const digest = createHash('sha256').update(`${messageId} ${attempt}`).digest('hex');
    const boundary = `=_${digest.slice(0, 32)}`;
    if (!raw.includes(boundary)) return boundary;
  }
}
