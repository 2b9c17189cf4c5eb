import { convert } from 'html-to-text';
import { asciiLowerCase } from '../domain/address.ts';
import { decodeBytes } from './charset.ts';
import { readParameters } from './content-type.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { separateText } from './separate-text.ts';
import { splitParts } from './split-parts.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** Commands stand at the top of small texts: of a longer one only this much is read, in bytes before decoding. */
const maxLeaf = 64 * 1024;
/** Bytes of a MIME part's own header block that are read. */
const maxPartHead = 16 * 1024;
const maxDepth = 20;
const maxParts = 100;
/** How often, all together, a body is searched for delimiters; what is nested to be searched again and again is left closed. */
const maxSearches = 2;
/** Bytes of them that are never too many: small mail may be nested as it likes. */
const freeSearch = 1 << 20;
/** A command written in HTML stands in its first lines (email.md §2.2). */
const maxHtmlLines = 40;
/** HTML handed to the converter, in characters: the most hostile 32 KiB cost it 25 ms. */
const maxHtml = 32 * 1024;

/**
 * The text a person sees first in a mail: the first text/plain leaf that is no attachment and not blank, else the first text/html one as
 * text; '' when there is neither. Programs that write HTML put a blank one beside it: who says “no” there has not said nothing. Runs inside the SMTP process, so everything is bounded: bytes, parts, depth. Never throws.
 */
export function readableText(given: Buffer): string {
  const found = readHead(given);
  const raw = separateText(given, found);
  const head = raw === given ? found : readHead(raw);
  let html: Leaf | undefined;
  for (const leaf of leaves(raw.subarray(head.bodyStart), head)) {
    const text = leaf.type === 'text/plain' ? leafText(leaf) : '';
    if (/[^\p{Z}\p{C}]/u.test(text)) return text;
    if (leaf.type === 'text/html') html ??= leaf;
  }
  return html ? htmlText(leafText(html)) : '';
}

interface Leaf {
  readonly type: string;
  readonly charset: string;
  readonly encoding: string;
  readonly body: Buffer;
}

/** The leaves in reading order, lazily: most mails are done after the first. */
function* leaves(body: Buffer, head: MailHead): Generator<Leaf> {
  const open: { body: Buffer; head: MailHead; depth: number }[] = [{ body, head, depth: 0 }];
  let left = maxSearches * body.length + freeSearch;
  for (let seen = 0; open.length > 0 && seen < maxParts; seen++) {
    const part = open.pop();
    if (!part || /^\s*attachment/i.test(firstValue(part.head, 'content-disposition'))) continue;
    const { type, parameters } = readParameters(firstValue(part.head, 'content-type'));
    const boundary = parameters.get('boundary');
    if (type.startsWith('multipart/') && boundary) {
      left -= part.body.length;
      if (part.depth >= maxDepth || left < 0) continue;
      const inner = splitParts(part.body, boundary, maxParts).map((bytes) => {
        const partHead = readHead(bytes.subarray(0, maxPartHead));
        return { body: bytes.subarray(partHead.bodyStart), head: partHead, depth: part.depth + 1 };
      });
      open.push(...inner.reverse());
    } else {
      yield {
        type: type || 'text/plain', // RFC 2045 §5.2
        charset: parameters.get('charset') ?? '',
        encoding: firstValue(part.head, 'content-transfer-encoding').toLowerCase(),
        body: part.body,
      };
    }
  }
}

function leafText({ body, encoding, charset }: Leaf): string {
  return decodeBytes(decodeTransfer(body.subarray(0, maxLeaf), encoding), charset);
}

function htmlText(html: string): string {
  try {
    const text = convert(withoutStyles(html).slice(0, maxHtml), {
      wordwrap: false,
      limits: { maxDepth: 50, maxChildNodes: 1000 },
      selectors: [
        { selector: 'a', options: { ignoreHref: true } },
        { selector: 'img', format: 'skip' },
        ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
          selector,
          options: { uppercase: false },
        })),
      ],
    });
    return text.split('\n', maxHtmlLines).join('\n');
  } catch {
    return ''; // deeper nesting than the converter's stack
  }
}

/** Word processors put up to 50 KiB of style sheet before the first word. */
function withoutStyles(html: string): string {
  const lower = asciiLowerCase(html);
  let out = '';
  let from = 0;
  for (;;) {
    const start = lower.indexOf('<style', from);
    const end = start === -1 ? -1 : lower.indexOf('</style>', start);
    if (end === -1) return out + html.slice(from);
    out += html.slice(from, start);
    from = end + '</style>'.length;
  }
}
