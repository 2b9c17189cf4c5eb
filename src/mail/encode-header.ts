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

/** RFC 2047 §2: 75 characters a word at most. §5(3): the characters a phrase allows, so that one form serves everywhere. */
function encodedWords(text: string): string[] {
  const bytes = Buffer.byteLength(text);
  const plain = text.match(/[A-Za-z0-9 ]/g)?.length ?? 0;
  const q = (bytes - plain) * 3 + plain <= Math.ceil(bytes / 3) * 4;
  const encode = q ? encodeQ : (part: string) => Buffer.from(part).toString('base64');
  const words: string[] = [];
  let part = '';
  // `of` walks whole code points: a character may not be split between two words (§5).
  for (const character of text) {
    if (part !== '' && encode(part + character).length > 75 - '=?utf-8?Q??='.length) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  words.push(part);
  return words.map((word) => `=?utf-8?${q ? 'Q' : 'B'}?${encode(word)}?=`);
}

function encodeQ(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (byte === 32) return '_';
    return /[A-Za-z0-9]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
