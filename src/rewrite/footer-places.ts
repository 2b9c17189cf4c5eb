import { readParameters } from '../mail/content-type.ts';
import { type LeafPlace, whyUnclear } from '../mail/edit-leaf.ts';
import { firstValue } from '../mail/headers.ts';
import type { MimePart } from '../mail/mime-tree.ts';

/**
 * Where in a mail's structure a footer goes (email.md §5.5): into these leaves, at the end of this multipart as a part of its own, or
 * nowhere, with a clause why.
 */
export type FooterPlaces =
  | { readonly kind: 'leaves'; readonly leaves: readonly LeafPlace[] }
  | { readonly kind: 'part'; readonly place: LeafPlace }
  | { readonly kind: 'none'; readonly why: string };

export function footerPlaces(root: MimePart): FooterPlaces {
  const place = { part: root, boundaries: [] };
  const found = placesIn(place);
  if (found.kind !== 'nothing') return found;
  return root.type === 'multipart/mixed' && root.children.length > 0
    ? { kind: 'part', place: within(place) }
    : { kind: 'none', why: `it has no text that a footer could stand under (${printable(root.type)})` };
}

/** `nothing`: no text to be seen here, look further. */
type Found = Exclude<FooterPlaces, { kind: 'part' }> | { readonly kind: 'nothing' };

const nothing: Found = { kind: 'nothing' };

function placesIn(place: LeafPlace): Found {
  const { part } = place;
  const protectedAs = whyProtected(part);
  if (protectedAs) return none(protectedAs);
  const unclear = whyUnclear(part);
  if (unclear) return none(unclear);
  switch (part.type) {
    case 'text/plain':
    case 'text/html':
      return isFile(part) || isVoid(place) ? nothing : { kind: 'leaves', leaves: [place] };
    case 'multipart/alternative':
      return everyOf(place);
    case 'multipart/related':
      return rootOf(place);
    case 'multipart/mixed':
      return firstOf(place);
    default:
      return nothing;
  }
}

/** One form of the text is shown, so each gets the footer. */
function everyOf(place: LeafPlace): Found {
  const found = childrenOf(place).map(placesIn);
  const refusal = found.find(({ kind }) => kind === 'none');
  if (refusal) return refusal;
  const leaves = found.flatMap((each) => (each.kind === 'leaves' ? each.leaves : []));
  return leaves.length > 0 ? { kind: 'leaves', leaves } : nothing;
}

/** RFC 2387 §3.2: the part that `start` names, or the first. */
function rootOf(place: LeafPlace): Found {
  const children = childrenOf(place);
  const start = place.part.parameters.get('start');
  const named = start && children.find(({ part }) => firstValue(part.head, 'content-id') === start);
  const root = named || children[0];
  return root ? placesIn(root) : nothing;
}

function firstOf(place: LeafPlace): Found {
  for (const child of childrenOf(place)) {
    const found = placesIn(child);
    if (found.kind !== 'nothing') return found;
  }
  return nothing;
}

function childrenOf(place: LeafPlace): LeafPlace[] {
  const { boundaries } = within(place);
  return place.part.children.map((part) => ({ part, boundaries }));
}

function within({ part, boundaries }: LeafPlace): LeafPlace {
  return { part, boundaries: [...boundaries, part.parameters.get('boundary') ?? ''] };
}

/** What must arrive as it was made. */
function whyProtected({ type }: MimePart): string | undefined {
  if (type === 'multipart/signed' || /^application\/(x-)?pkcs7-/.test(type))
    return 'it is signed or encrypted';
  if (type === 'multipart/encrypted' || type === 'application/pgp-encrypted') return 'it is encrypted';
  if (type === 'multipart/report') return 'it is a report for programs';
  return undefined;
}

/** A patch or a page that is a file, though it is shown. */
function isFile({ disposition, head, parameters }: MimePart): boolean {
  if (disposition === 'attachment' || parameters.has('name') || parameters.has('name*')) return true;
  const written = readParameters(firstValue(head, 'content-disposition')).parameters;
  return written.has('filename') || written.has('filename*') || written.has('filename*0*');
}

/** Between two delimiters in a row: to some programs that is a part, to others it is not. */
function isVoid({ part: { head, body }, boundaries }: LeafPlace): boolean {
  return boundaries.length > 0 && head.end === 0 && body.length === 0;
}

function none(why: string): Found {
  return { kind: 'none', why };
}

function printable(type: string): string {
  return type.replace(/[^\x21-\x7e]/g, '').slice(0, 60);
}
