import { firstValue, type HeaderField, type MailHead, readHead } from './headers.ts';

/**
 * The same mail with the empty line that its author's program forgot, between its head and its text (RFC 5322 §2.1); the same buffer where
 * nothing is missing. The text begins at the first line that is no field, as mail servers and programs have it, unless the head
 * goes on behind it: then that line is a broken field, and `undress` takes it away. Without this the text up to its
 * first empty line would be lost with it.
 */
export function separateText(raw: Buffer, head: MailHead = readHead(raw)): Buffer {
  const at = textBegins(head);
  return at === undefined ? raw : Buffer.concat([raw.subarray(0, at), Buffer.from('\r\n'), raw.subarray(at)]);
}

/** Offset of the first line of text inside the header block. */
function textBegins(head: MailHead): number | undefined {
  const first = head.fields.findIndex(isText);
  if (first < 1 || head.fields.slice(first).some(({ name }) => belongsToHead(name))) return undefined;
  // A line of letters would be part of what is encoded.
  if (firstValue(head, 'content-transfer-encoding').toLowerCase() === 'base64') return undefined;
  return head.fields.slice(0, first).reduce((sum, { raw }) => sum + raw.length, 0);
}

/** Not the line that an mbox begins a mail with, nor one that goes on with nothing, nor the rest of a block too long to be read. */
function isText({ name, raw }: HeaderField): boolean {
  return name === '' && !/^>?From |^[ \t]|\n[^ \t]/.test(raw);
}

/** What mail programs and servers write, but for `Subject` and its like nothing that people begin a line of text with. */
function belongsToHead(name: string): boolean {
  return known.has(name) || /^(?:content|x|list|arc|resent)-/.test(name);
}

const known: ReadonlySet<string> = new Set([
  'authentication-results',
  'bcc',
  'cc',
  'date',
  'dkim-signature',
  'from',
  'in-reply-to',
  'message-id',
  'mime-version',
  'received',
  'references',
  'reply-to',
  'return-path',
  'sender',
  'subject',
  'to',
  'user-agent',
]);
