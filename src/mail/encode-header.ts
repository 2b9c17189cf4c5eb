/** Text into header values: RFC 2047 words for what is not plain ASCII, never a line end, never a byte outside ASCII. */

/** Text for an unstructured field (Subject, Comments). Only the words from the first to the last that need it are encoded. */
export function encodeText(text: string): string {
  const words = cleanText(text).split(' ');
  const first = words.findIndex(needsEncoding);
  if (first === -1) return words.join(' ');
  const last = words.findLastIndex(needsEncoding);
  return [
    ...words.slice(0, first),
    ...encodedWords(words.slice(first, last + 1).join(' ')),
    ...words.slice(last + 1),
  ].join(' ');
}

/** A display name (RFC 5322 `phrase`): atoms as they are, a quoted string where that does, else encoded words. '' for nothing. */
export function encodePhrase(text: string): string {
  const name = cleanText(text);
  if (/^[\x20-\x7e]{0,64}$/.test(name) && !name.includes('=?')) {
    return /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
  }
  return encodedWords(name).join(' ');
}

/** `Alice Liddell <alice@example.com>`; the address must already be a canonical one. */
export function formatMailbox(mailbox: { readonly name: string; readonly email: string }): string {
  const phrase = encodePhrase(mailbox.name);
  return phrase === '' ? mailbox.email : `${phrase} <${mailbox.email}>`;
}

/** One line of text: white space runs are one space, control characters are gone. */
function cleanText(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim();
}

/** Also a word too long for a line, and one that a reader would take for an encoded word. */
function needsEncoding(word: string): boolean {
  return !/^[\x21-\x7e]{0,200}$/.test(word) || word.includes('=?');
}

/** Room for the encoded text in one word: RFC 2047 §2 allows 75 characters in all. */
const wordRoom = 75 - '=?utf-8?Q??='.length;

/** Q where most of it stays readable, else B. A character is never split between two words (RFC 2047 §5). */
function encodedWords(text: string): string[] {
  const q = plainCharacters(text) * 2 >= Buffer.byteLength(text);
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const character of text) {
    const size = q ? lengthInQ(character) : Buffer.byteLength(character);
    if (part !== '' && (q ? used + size : Math.ceil((used + size) / 3) * 4) > wordRoom) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += character;
    used += size;
  }
  parts.push(part);
  return parts.map(
    (each) => `=?utf-8?${q ? `Q?${encodeQ(each)}` : `B?${Buffer.from(each).toString('base64')}`}?=`,
  );
}

function plainCharacters(text: string): number {
  return text.match(/[A-Za-z0-9 ]/g)?.length ?? 0;
}

function lengthInQ(text: string): number {
  const plain = plainCharacters(text);
  return plain + (Buffer.byteLength(text) - plain) * 3;
}

/** Only the characters that RFC 2047 §5(3) allows in a phrase, so that one form serves everywhere. */
function encodeQ(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (byte === 32) return '_';
    return /[A-Za-z0-9]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
