import { asciiLowerCase, isDomain, parseAddress } from './address.ts';

/** What each word of a setting may be: who sends (`ci@example.org`, or a whole domain), or a List-Id (RFC 2919 §2). */
export type WordKind = 'sender' | 'list-id';

/** The words of a stored value. */
export function wordsOf(value: string): readonly string[] {
  return value === '' ? [] : value.split(', ');
}

/** `CI@example.org,  builds.example.org` → `ci@example.org, builds.example.org`; undefined when a word is not of its kind. */
export function readWords(text: string, kind: WordKind): string | undefined {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const read = words.map((word) => readers[kind](asciiLowerCase(word)));
  return read.every((word) => word !== undefined) ? [...new Set(read)].join(', ') : undefined;
}

export const allowedWords: Readonly<Record<WordKind, string>> = {
  sender: 'addresses or domains, separated by commas',
  'list-id': 'List-Ids such as birds.lists.example.org, separated by commas',
};

const readers: Readonly<Record<WordKind, (word: string) => string | undefined>> = {
  // An asterisk could be a local part; here it is how sender rules write a whole domain.
  sender: (word) => (/^\*?@/.test(word) ? undefined : parseAddress(word)) ?? readDomain(word),
  'list-id': (word) => {
    const id = word.replace(/^<(.*)>$/, '$1');
    return /^[\x21-\x2b\x2d-\x3a\x3d\x3f-\x7e]+$/.test(id) && id.includes('.') ? id : undefined;
  },
};

function readDomain(word: string): string | undefined {
  const domain = word.replace(/^\*?@/, '');
  return isDomain(domain) ? domain : undefined;
}
