import { MailParser } from 'mailparser';
import type { Attachment } from '../domain/reading.ts';
import { decodeBytes } from './charset.ts';
import { findField, type MailHead } from './headers.ts';
import { htmlToText } from './html-to-text.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** What a mail says and carries. */
export interface Extract {
  /** Plain text with LF line ends. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/**
 * Takes text and attachments out of a mail. Hostile input can keep it busy for seconds or fill the heap, so it runs in a
 * worker thread (extract-pool.ts); may reject.
 */
export async function extract(raw: Buffer, head: MailHead): Promise<Extract> {
  return extractPlain(raw, head) ?? (await extractParts(raw));
}

/** Most list mail is one part of plain text, which needs no MIME parser; undefined for everything else. */
function extractPlain(raw: Buffer, head: MailHead): Extract | undefined {
  const type = findField(head, 'content-type')?.value ?? '';
  const plain = type === '' || /^text\/plain\s*(;|$)/i.test(type);
  if (!plain || findField(head, 'content-disposition') || /format\s*=\s*"?flowed/i.test(type))
    return undefined;
  const encoding = findField(head, 'content-transfer-encoding')?.value ?? '';
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1];
  const text = decodeBytes(decodeTransfer(raw.subarray(head.bodyStart), encoding), charset);
  return { text: tidy(text), attachments: [] };
}

async function extractParts(raw: Buffer): Promise<Extract> {
  // Without the skip flags mailparser converts HTML itself, unbounded, and fails the whole mail when that fails.
  const parser = new MailParser({
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    checksumAlgo: 'sha1',
  });
  const attachments: Attachment[] = [];
  parser.on('data', (part: ParsedPart) => {
    if (part.type === 'attachment') measure(part, attachments);
  });
  await new Promise((resolve, reject) => {
    parser.once('error', reject).once('end', resolve);
    parser.end(raw);
  });
  const tree = (parser as unknown as { readonly tree?: Leaf }).tree;
  return { text: tidy(tree ? textOf(tree) : ''), attachments };
}

type ParsedPart = { readonly type: 'text' } | AttachmentPart;
interface AttachmentPart {
  readonly type: 'attachment';
  readonly content: NodeJS.ReadableStream;
  readonly contentType?: string;
  readonly filename?: string;
  readonly partId?: string | null;
  readonly related?: boolean;
  release(): void;
}

/** Counts an attachment's bytes as they pass; they are never held. */
function measure(part: AttachmentPart, found: Attachment[]): void {
  let bytes = 0;
  part.content.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  part.content.on('end', () => {
    const contentType = part.contentType?.toLowerCase() ?? 'application/octet-stream';
    found.push({
      part: part.partId ?? '1',
      filename: (part.filename ?? '').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, 255),
      contentType,
      bytes,
      embedded: part.related === true || /^application\/(pgp|(x-)?pkcs7)-signature$/.test(contentType),
    });
    part.release();
  });
}

/** A part as mailparser 3.9 keeps it. Its own `text` leaves out HTML next to plain text, such as a body above a plain footer. */
interface Leaf {
  readonly contentType?: string;
  readonly textContent?: string;
  readonly children: readonly Leaf[];
}

function textOf(node: Leaf): string {
  const { contentType = '', textContent = '', children } = node;
  if (textContent !== '') return contentType === 'text/html' ? htmlToText(textContent) : textContent;
  if (contentType !== 'multipart/alternative') return joined(children.map(textOf));
  // RFC 2046 §5.1.4: the same thing in several forms; the plain one is what its author's program made of it.
  const plain = children.filter((child) => child.contentType === 'text/plain').map(textOf);
  return joined(plain) || joined(children.map(textOf));
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== '').join('\n');
}

function tidy(text: string): string {
  // NUL cannot be stored as text in PostgreSQL.
  return text.replace(/\r\n?/g, '\n').replaceAll('\0', '');
}
