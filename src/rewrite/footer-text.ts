import { type List, listAddress } from '../domain/list.ts';
import { listUrl, type Site } from '../domain/site.ts';

/**
 * The text under every post of a list, LF line ends and none at its end; undefined where the list has none. The same for everybody: what
 * is quoted in an answer must be nobody's key.
 */
export function footerText(list: List, site: Site): string | undefined {
  const { footer, postal_address: postal } = list.settings;
  const wanted = footer.trim();
  if (wanted === '') return undefined;
  const values: Values = {
    list: list.title,
    address: listAddress(list),
    leave: `${listUrl(site, list)}/leave`,
    page: `${listUrl(site, list)}/`,
    postal_address: postal.trim(),
  };
  const text = wanted === 'standard' ? standard(postal.trim() !== '') : wanted;
  // Not one line after the other: a value that looks like a place for another one is text.
  const filled = text.replace(
    /\{(list|address|leave|page|postal_address)\}/g,
    (_, name: keyof Values) => values[name],
  );
  return tidy(filled);
}

interface Values {
  readonly list: string;
  readonly address: string;
  readonly leave: string;
  readonly page: string;
  readonly postal_address: string;
}

/** In ASCII, where the title is: a post in ASCII stays one. */
function standard(withPostalAddress: boolean): string {
  const text = '-- \n{list}, a mailing list: {address}\nSettings and leaving: {leave}';
  return withPostalAddress ? `${text}\n{postal_address}` : text;
}

/** No line is too long for a mail, ends in a blank (but the separator of signatures), or holds what turns a terminal. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]|\p{Cs}/gu, ' ')
    .split('\n')
    .flatMap(wrap)
    .map((line) => (line === '-- ' ? line : line.trimEnd()))
    .join('\n')
    .trimEnd();
}

/** At a blank, where there is one: a link has none, and stays whole. */
function wrap(line: string): string[] {
  return (
    line.match(/.{1,200}(?= |$)|\S{1,400}/gu)?.map((piece, i) => (i === 0 ? piece : piece.trimStart())) ?? [
      '',
    ]
  );
}
