import type { Address } from '../domain/address.ts';
import { readAddress } from './ascii-domain.ts';
import { stripMarks } from './own-text.ts';

/** What follows a verb. */
export interface Arguments {
  /** Words and quoted strings, in order. */
  readonly words: readonly string[];
  /** `key=value`, keys in lower case. */
  readonly named: ReadonlyMap<string, string>;
  /** All of it, as written. */
  readonly text: string;
}

/** Splits at white space outside quotation marks; linear in the length of a line. */
export function readArguments(text: string): Arguments {
  const words: string[] = [];
  const named = new Map<string, string>();
  for (const [token, key, quoted] of text.matchAll(/(?:([A-Za-z]{1,20})=)?"([^"]*)"|\S+/g)) {
    const equals = quoted === undefined ? token.indexOf('=') : -1;
    if (quoted !== undefined && key === undefined) words.push(quoted.trim());
    else if (quoted !== undefined && key !== undefined) named.set(key.toLowerCase(), quoted.trim());
    else if (equals > 0 && /^[A-Za-z]+$/.test(token.slice(0, equals))) {
      named.set(token.slice(0, equals).toLowerCase(), token.slice(equals + 1));
    } else words.push(token);
  }
  return { words, named, text };
}

/** An addr-spec with or without angle brackets, `mailto:` or the stop of a sentence. */
export function readAddressWord(word: string | undefined): Address | undefined {
  return word?.includes('@') ? readAddress(stripMarks(word).replace(/^mailto:/i, '')) : undefined;
}
