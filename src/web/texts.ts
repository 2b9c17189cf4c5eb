import { IntlMessageFormat } from 'intl-messageformat';
import { en } from './texts/en.ts';

export type TextKey = keyof typeof en;
export type TextValues = Readonly<Record<string, string | number>>;

/** A text of our pages in a language (so far English), with its values put in; not yet escaped. A missing value is a bug and throws. */
export function say(key: TextKey, values: TextValues = {}): string {
  let message = compiled.get(key);
  if (!message) {
    message = new IntlMessageFormat(en[key], 'en', undefined, { ignoreTag: true });
    compiled.set(key, message);
  }
  return String(message.format(values));
}

/** Parsing an ICU message costs 20 times what using a parsed one does; the catalogue is small. */
const compiled = new Map<TextKey, IntlMessageFormat>();
