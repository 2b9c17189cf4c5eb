/**
 * Tokens that travel in addresses and links: lower-case Crockford base32, case-insensitive because mail programs and servers
 * change the case of local parts (email.md §1.3). 15 characters are 75 bits.
 */
export const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
export const tokenLength = 15;
/** Ids inside signed tokens: 7 characters, 35 bits. */
export const idLength = 7;
export const largestTokenId = 2 ** 35 - 1;

/** What a stored token allows; each has its own lifetime (email.md §3.1). */
export type TokenKind =
  | 'join'
  | 'leave'
  | 'preferences'
  | 'address'
  | 'rejoin'
  | 'admit'
  | 'invite'
  | 'post-anyway'
  | 'release'
  | 'withdraw'
  | 'moderate'
  | 'officer'
  | 'resume';

/** A question that a yes or a no answers, once; a token to moderate is presented as often as there is something to decide. */
export type QuestionKind = Exclude<TokenKind, 'moderate'>;

/** The form we store and compare: lower case, o→0, i and l→1; undefined when it cannot be a token of `length` characters. */
export function normalizeToken(text: string, length: number = tokenLength): string | undefined {
  const token = text.toLowerCase().replace(/o/g, '0').replace(/[il]/g, '1');
  return token.length === length && /^[0-9abcdefghjkmnpqrstvwxyz]+$/.test(token) ? token : undefined;
}

/** The first `length` characters (5 bits each, most significant first) of some bytes. */
export function encodeBits(bytes: Uint8Array, length: number): string {
  let out = '';
  let held = 0;
  let bits = 0;
  for (let i = 0; out.length < length; ) {
    if (bits < 5) {
      held = ((held & 0x1f) << 8) | (bytes[i++] ?? 0);
      bits += 8;
    }
    bits -= 5;
    out += alphabet[(held >> bits) & 0x1f];
  }
  return out;
}

/** An id below 2^35 as 7 characters. */
export function encodeId(id: number): string {
  if (!Number.isSafeInteger(id) || id < 0 || id > largestTokenId) throw new RangeError(`no token id: ${id}`);
  let out = '';
  for (let rest = id, i = 0; i < idLength; i++, rest = Math.floor(rest / 32)) out = alphabet[rest % 32] + out;
  return out;
}

/** The id of 7 normalised characters. */
export function decodeId(text: string): number {
  let id = 0;
  for (const c of text) id = id * 32 + alphabet.indexOf(c);
  return id;
}
