import { hash } from 'node:crypto';
import type { MailFacts } from '../domain/incoming.ts';
import { readAuthor, readMailboxes, readNamed } from './author.ts';
import { findAutomaticSign, findListSign, isVacation } from './automatic.ts';
import { decodeHeader } from './decode-header.ts';
import { findFields, firstValue, type MailHead } from './headers.ts';
import { readDate } from './read-date.ts';

/** Longest subject kept, in characters. */
const maxSubject = 1000;
/** Longest Message-ID taken as it is, in octets; RFC 5322 sets none, index keys and HyperKitty's 255 do. */
const maxMessageId = 250;
/** In References the first ids tell the thread, the last ones the parent. */
const maxReferences = 200;

/** What rules and threads need to know of a mail, from one reading of its header block; the body is only hashed. */
export function readFacts(raw: Buffer, head: MailHead, hostname: string): MailFacts {
  const sha256 = hash('sha256', raw, 'buffer');
  const subject = decodeHeader(firstValue(head, 'subject').slice(0, maxSubject * 10)).slice(0, maxSubject);
  const author = readAuthor(head).author;
  const sentAt = readDate(firstValue(head, 'date'));
  const resentAt = readResentAt(head);
  const automatic = findAutomaticSign(head, subject);
  const unanswerable = automatic ?? findListSign(head);
  const threadIndex = readThreadIndex(firstValue(head, 'thread-index'));
  const precedence = firstValue(head, 'precedence').toLowerCase().slice(0, 40);
  return {
    bytes: raw.length,
    sha256,
    bodySha256: hash('sha256', raw.subarray(head.bodyStart), 'hex'),
    messageId:
      readMessageId(firstValue(head, 'message-id')) ?? `${sha256.toString('hex', 0, 20)}@${hostname}`,
    ...(author ? { author } : { named: readNamed(head) }),
    subject,
    ...(sentAt !== undefined && { sentAt }),
    ...(resentAt !== undefined && { resentAt }),
    inReplyTo: readIds(firstValue(head, 'in-reply-to')),
    references: readIds(firstValue(head, 'references')),
    ...(threadIndex && { threadIndex }),
    ...(automatic && { automatic }),
    ...(unanswerable && { unanswerable }),
    vacation: isVacation(head, subject),
    report: isReport(head, author),
    listIds: findFields(head, 'list-id').map((field) => readListId(field.value)),
    beenAt: readBeenAt(head),
    ...(precedence && { precedence }),
    hops: findFields(head, 'received').length,
    ...readRecipients(head),
  };
}

/** The id between the first `<` and `>`, else the bare value; folding inside an id is dropped. Only printable ASCII names a post. */
function readMessageId(value: string): string | undefined {
  const open = value.indexOf('<');
  const close = value.indexOf('>', open);
  const inner = open >= 0 && close > open ? value.slice(open + 1, close) : value;
  const id = inner.replace(/[ \t]/g, '');
  return id.length <= maxMessageId && /^[\x21-\x3b\x3d\x3f-\x7e]+$/.test(id) ? id : undefined;
}

/** Every `<left@right>` in reading order, each once; of more than 200 the first and the last hundred. */
function readIds(field: string): string[] {
  const ids = new Set<string>();
  const value = shorten(field);
  for (let open = value.indexOf('<'); open !== -1; open = value.indexOf('<', open + 1)) {
    const close = endOfId(value, open + 1);
    const id = value.slice(open + 1, close);
    if (value[close] === '>' && /^[^@]+@./.test(id)) ids.add(id);
  }
  const all = [...ids];
  if (all.length <= maxReferences) return all;
  return [...all.slice(0, maxReferences / 2), ...all.slice(-maxReferences / 2)];
}

/** Both ends hold all the ids that are kept. */
function shorten(value: string): string {
  const half = (maxReferences / 2) * (maxMessageId + 4);
  return value.length <= 2 * half ? value : `${value.slice(0, half)} ${value.slice(-half)}`;
}

/** Where the id stops: at the first character it may not hold, or past the longest we take, so that each byte is read once. */
function endOfId(value: string, start: number): number {
  let at = start;
  while (at < value.length && at - start <= maxMessageId && /[\x21-\x3b\x3d\x3f-\x7e]/.test(value[at] ?? ''))
    at++;
  return at;
}

/** The first 22 bytes of Outlook's Thread-Index name the conversation ([MS-OXOMSG] §2.2.1.3). */
function readThreadIndex(value: string): string | undefined {
  const bytes = Buffer.from(value.slice(0, 60), 'base64');
  return bytes.length >= 22 ? bytes.toString('hex', 0, 22) : undefined;
}

function readResentAt(head: MailHead): number | undefined {
  const fields = findFields(head, 'resent-date').slice(0, 20);
  const times = fields.flatMap(({ value }) => readDate(value) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** A delivery report or a mail of a mailer daemon. */
function isReport(head: MailHead, author: MailFacts['author']): boolean {
  const type = firstValue(head, 'content-type');
  if (/^multipart\/report\b/i.test(type)) return true;
  return author
    ? /^mailer[-_]?daemon@/.test(author.email)
    : /\bmailer-daemon\b/i.test(firstValue(head, 'from').slice(0, 500));
}

/** RFC 2919 §3: `Birds of the north <birds.lists.example.org>`; the identifier is compared without case. */
function readListId(value: string): string {
  const open = value.lastIndexOf('<');
  const close = value.indexOf('>', open);
  return (open >= 0 && close > open ? value.slice(open + 1, close) : value)
    .trim()
    .toLowerCase()
    .slice(0, 255);
}

const trails: ReadonlySet<string> = new Set(['list-post', 'x-beenthere', 'x-loop']);

/** Addresses of the lists this mail has been through; at most 50. */
function readBeenAt(head: MailHead): string[] {
  const found = new Set<string>();
  for (const { name, value } of head.fields) {
    if (!trails.has(name)) continue;
    for (const word of value.slice(0, 2000).split(/[\s,;<>]+/)) {
      const address = word
        .replace(/^mailto:/i, '')
        .replace(/\?.*$/, '')
        .toLowerCase();
      if (address.includes('@') && found.size < 50) found.add(address);
    }
  }
  return [...found];
}

function readRecipients(head: MailHead): Pick<MailFacts, 'addressed' | 'addressedCount'> {
  const to = ['to', 'cc']
    .flatMap((name) => findFields(head, name))
    .map((field) => readMailboxes(field.value));
  const resent = ['resent-to', 'resent-cc'].flatMap((name) => findFields(head, name)).slice(0, 20);
  return {
    addressed: [...to, ...resent.map((field) => readMailboxes(field.value))].flatMap(
      (read) => read.addresses,
    ),
    addressedCount: to.reduce((sum, read) => sum + read.count, 0),
  };
}
