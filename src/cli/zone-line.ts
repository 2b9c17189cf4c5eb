/** What one string of a TXT record holds (RFC 1035 §3.3). */
const stringLength = 255;

/** A TXT record as a line of a zone file: the strings of a long text follow each other, and readers join them (RFC 6376 §3.6.2.2). */
export function zoneLine({ name, text }: { readonly name: string; readonly text: string }): string {
  const strings = text.match(new RegExp(`.{1,${stringLength}}`, 'g')) ?? [''];
  return `${name}. IN TXT ( ${strings.map((string) => `"${string}"`).join(' ')} )`;
}
