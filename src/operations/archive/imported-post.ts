import { parseAddress } from '../../domain/address.ts';
import { decodeHeader } from '../../mail/decode-header.ts';
import { findField, readHead } from '../../mail/headers.ts';
import type { ReadMail } from '../../mail/read-mail.ts';

export interface ImportProblem {
  /** Where in the archive, for people. */
  readonly position: string;
  readonly why: string;
}

/** A mail of an archive, read. */
export interface ImportedMail extends ReadMail {
  readonly position: string;
  /** CRLF line ends. */
  readonly raw: Buffer;
  /** As the archive tells, epoch milliseconds. */
  readonly receivedAt?: number;
}

/** A mail of an archive with what the table of posts wants to know. */
export interface DatedPost {
  readonly mail: ImportedMail;
  readonly messageId: string;
  readonly bodyHash: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly subject: string;
  readonly sentAt: number;
  readonly receivedAt: number;
}

export type DatedResult =
  | { readonly kind: 'post'; readonly post: DatedPost }
  | { readonly kind: 'problem'; readonly problem: ImportProblem };

/** Old mail is taken as it is: only what has no header at all is none. */
export function datePost(mail: ImportedMail, now: number): DatedResult {
  const { facts, position } = mail;
  const author = facts.author ?? lenientAuthor(mail.raw);
  if (!author) return { kind: 'problem', problem: { position, why: 'it has no header, so it is no mail' } };
  const receivedAt = [facts.sentAt, mail.receivedAt].find((at) => plausible(at, now)) ?? now;
  return {
    kind: 'post',
    post: {
      mail,
      messageId: facts.messageId,
      bodyHash: facts.bodySha256,
      authorEmail: author.email,
      authorName: author.name,
      subject: facts.subject,
      sentAt: facts.sentAt ?? receivedAt,
      receivedAt: Math.min(receivedAt, now),
    },
  };
}

/** Before this there were no mailing lists as we know them; clocks that were never set say 1970. */
const earliest = Date.UTC(1975, 0, 1);
const day = 86_400_000;

function plausible(at: number | undefined, now: number): boolean {
  return at !== undefined && at >= earliest && at <= now + day;
}

/** From as it stands, for old and for obfuscated mail (`alice at example.org (Alice)`); undefined for what has no fields. */
function lenientAuthor(raw: Buffer): { readonly email: string; readonly name: string } | undefined {
  const head = readHead(raw);
  if (!head.fields.some((field) => field.name !== '')) return undefined;
  const from = decodeHeader(findField(head, 'from')?.value ?? '').slice(0, 500);
  const hidden = /^"?(\S+) at (\S+?)"?(?: \((.*)\))?$/.exec(from);
  const email = hidden ? parseAddress(`${hidden[1]}@${hidden[2]}`) : undefined;
  return email ? { email, name: hidden?.[3] ?? '' } : { email: '', name: from };
}
