/**
 * Text from mail, made safe for a terminal: control characters (an escape sequence in a subject could rewrite what the operator
 * sees) and characters that turn the direction of writing are replaced by `�`, line breaks and tabs by a space.
 */
export function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(hidden, '\ufffd');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what we look for.
const hidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
