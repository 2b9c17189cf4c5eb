import { editLeaf, holdsDelimiter, type LeafPlace, offsetIn } from '../mail/edit-leaf.ts';
import { isAscii } from '../mail/encode-charset.ts';
import { findFields, readHead } from '../mail/headers.ts';
import { encodeTransfer } from '../mail/leaf-content.ts';
import { readMime } from '../mail/mime-tree.ts';
import { type Splice, splice } from '../mail/splice.ts';
import type { Change } from './change.ts';
import { footerPlaces } from './footer-places.ts';
import { growPage, growText } from './grow-leaf.ts';

/** A mail with the footer, and what was changed for it; or the mail is left byte for byte as it is, and why, a clause. */
export type FooterResult =
  | { readonly kind: 'added'; readonly raw: Buffer; readonly changes: readonly Change[] }
  | { readonly kind: 'left'; readonly why: string };

/**
 * Puts a footer under the text of a mail, where its structure allows it (email.md §5.5). Only the bytes of the leaves that get it change,
 * and their Content-Type and Content-Transfer-Encoding where they must. `footer`: as `footerText` makes it, LF line ends. Linear in the
 * mail's bytes; never throws.
 */
export function addFooter(raw: Buffer, footer: string): FooterResult {
  const head = readHead(raw);
  // RFC 6376 §8.2: what is put under a part that was signed only in part would seem to be signed with it.
  const cut = findFields(head, 'dkim-signature').some(({ value }) => /(^|;)\s*l\s*=/.test(value));
  if (cut) return left('its author signed only the beginning of it (DKIM l=)');
  const places = footerPlaces(readMime(raw, head));
  switch (places.kind) {
    case 'none':
      return left(places.why);
    case 'part':
      return addPart(raw, places.place, footer);
    case 'leaves':
      return addToLeaves(raw, places.leaves, footer);
  }
}

function left(why: string): FooterResult {
  return { kind: 'left', why };
}

/** All of them or none: two forms of one text must not say different things. */
function addToLeaves(raw: Buffer, leaves: readonly LeafPlace[], footer: string): FooterResult {
  const edits: Splice[] = [];
  const changes: Change[] = [];
  for (const leaf of leaves) {
    const grown = leaf.part.type === 'text/html' ? growPage(leaf, footer) : growText(leaf, footer);
    if (typeof grown === 'string') return left(grown);
    if (grown === undefined) continue;
    const edit = editLeaf(raw, leaf, grown);
    if (typeof edit === 'string') return left(edit);
    edits.push(...edit);
    const { number, type } = leaf.part;
    changes.push({ what: `${type} part ${number}`, why: 'the list has a footer', after: footer });
  }
  if (edits.length === 0) return left('it ends with the footer already');
  return { kind: 'added', raw: splice(raw, edits), changes };
}

/** For a mail of files alone: an inline part of its own after the last one. */
function addPart(raw: Buffer, { part, boundaries }: LeafPlace, footer: string): FooterResult {
  const boundary = boundaries.at(-1) ?? '';
  const last = part.children.at(-1);
  if (!last) return left('its parts are not there');
  const ascii = isAscii(footer);
  const encoding = ascii ? '7bit' : 'quoted-printable';
  const text = encodeTransfer(Buffer.from(footer.replaceAll('\n', '\r\n')), encoding);
  if (holdsDelimiter(text, boundary)) return left('the footer would hold the delimiter between its parts');
  const lines = [
    '',
    `--${boundary}`,
    `Content-Type: text/plain; charset=${ascii ? 'us-ascii' : 'utf-8'}`,
    `Content-Transfer-Encoding: ${encoding}`,
    'Content-Disposition: inline',
    '',
    text.toString('latin1'),
  ];
  const at = offsetIn(raw, last.body) + last.body.length;
  const end = at === raw.length ? `\r\n--${boundary}--\r\n` : '';
  const bytes = Buffer.from(lines.join('\r\n') + end, 'latin1');
  return {
    kind: 'added',
    raw: splice(raw, [{ start: at, end: at, bytes }]),
    changes: [
      { what: 'new text/plain part', why: 'the list has a footer, and the mail no text', after: footer },
    ],
  };
}
