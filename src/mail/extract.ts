import { type Attachment, longestText } from '../domain/reading.ts';
import { decodeBytes } from './charset.ts';
import { decodeHeader } from './decode-header.ts';
import { readFilename } from './filename.ts';
import { unflow } from './flowed.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { htmlToText } from './html-to-text.ts';
import { type MimePart, readMime } from './mime-tree.ts';
import { separateText } from './separate-text.ts';
import { decodedLength, decodeTransfer } from './transfer-encoding.ts';

/** What a mail says and carries. */
export interface Extract {
  /** Plain text with LF line ends, at most `longestText` characters. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/**
 * Takes text and attachments out of a mail. Hostile HTML can keep it busy for seconds, so it runs in a worker thread
 * (extract-pool.ts). Of attachments only the length is found; large texts are read as far as they are shown.
 */
export function extract(raw: Buffer, head: MailHead): Extract {
  const whole = separateText(raw, head);
  const tree = readMime(whole, whole === raw ? head : readHead(whole));
  const attachments: Attachment[] = [];
  collect(tree, '', attachments);
  const text = textOf(tree, { left: longestText }).slice(0, longestText);
  return { text, attachments };
}

/** Walks the parts; `inside` is the type of the nearest multipart whose parts belong to its text. */
function collect(part: MimePart, inside: string, found: Attachment[]): void {
  if (isAttachment(part)) found.push(describe(part, inside));
  const binds = part.type === 'multipart/related' || part.type === 'multipart/digest';
  for (const child of part.children) collect(child, binds ? part.type : inside, found);
}

/** A leaf that is not shown as text, or a message inside: it is shown, but also something to take out whole. */
function isAttachment({ type, disposition }: MimePart): boolean {
  return !type.startsWith('multipart/') && (disposition === 'attachment' || !isText(type));
}

function isText(type: string): boolean {
  return type === 'text/plain' || type === 'text/html' || type === 'message/delivery-status';
}

function describe(part: MimePart, inside: string): Attachment {
  // Images of HTML, messages of a digest.
  const belongs = inside !== '' && part.disposition !== 'attachment';
  const isSignature = /^application\/(pgp|(x-)?pkcs7)-signature$/.test(part.type);
  return {
    part: part.number,
    filename: readFilename(part),
    // A message inside may be encoded, and has then been looked through by nobody.
    contentType: part.type.replace(/\p{Cc}/gu, '').slice(0, 100),
    bytes: decodedLength(part.body, firstValue(part.head, 'content-transfer-encoding')),
    embedded: belongs || isSignature,
  };
}

/** How much text may still be read, over all parts; in characters. */
interface Budget {
  left: number;
}

function textOf(part: MimePart, budget: Budget): string {
  if (budget.left <= 0 || part.disposition === 'attachment') return '';
  const { type, children } = part;
  if (type === 'multipart/alternative') return bestOf(children, budget);
  if (children.length > 0) {
    return joined([quotedHead(part), ...children.map((child) => textOf(child, budget))]);
  }
  return isText(type) ? leafText(part, budget) : '';
}

/** RFC 2046 §5.1.4: the same in several forms. The plain one is what its author's program made of it. */
function bestOf(forms: readonly MimePart[], budget: Budget): string {
  const plain = forms.filter((form) => form.type === 'text/plain').map((form) => textOf(form, budget));
  return (
    joined(plain) ||
    joined(forms.filter((form) => form.type !== 'text/plain').map((form) => textOf(form, budget)))
  );
}

/** Above a forwarded message, who wrote it about what. */
function quotedHead({ type, children: [message] }: MimePart): string {
  if (type !== 'message/rfc822' || !message) return '';
  const lines = ['From', 'Subject'].map((name) => [
    name,
    decodeHeader(firstValue(message.head, name.toLowerCase())),
  ]);
  return lines.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])).join('\n');
}

function leafText({ body, head, type, parameters }: MimePart, budget: Budget): string {
  // Encoded text is at most three times as long as what it means, and every character at most four bytes.
  const readable = body.subarray(0, (type === 'text/html' ? 4 : 12) * longestText);
  const bytes = decodeTransfer(readable, firstValue(head, 'content-transfer-encoding'));
  const decoded = tidy(decodeBytes(bytes, parameters.get('charset')));
  const text = (type === 'text/html' ? htmlToText(decoded) : reflowed(decoded, parameters)).slice(
    0,
    budget.left,
  );
  // Converting costs as much as its input, whatever comes out.
  budget.left -= type === 'text/html' ? Math.max(text.length, decoded.length / 4) : text.length;
  return text;
}

function reflowed(text: string, parameters: ReadonlyMap<string, string>): string {
  if (parameters.get('format')?.toLowerCase() !== 'flowed') return text;
  return unflow(text, parameters.get('delsp')?.toLowerCase() === 'yes');
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== '').join('\n');
}

function tidy(text: string): string {
  // NUL cannot be stored as text in PostgreSQL.
  return text.replace(/\r\n?/g, '\n').replaceAll('\0', '');
}
