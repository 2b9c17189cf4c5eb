import { UsageError } from './exit.ts';

/** `key=value` words as a record; the last of a key counts. Throws UsageError for a word without `=`. */
export function parseKeyValues(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UsageError(`"${word}" is not like key=value.`);
      return [word.slice(0, at).trim(), word.slice(at + 1)];
    }),
  );
}
