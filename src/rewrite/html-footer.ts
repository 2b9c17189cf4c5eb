/**
 * A footer in HTML: its markup in ASCII, so that it fits every character set, and the place for it. Linear in the page's length;
 * `page` is one character an octet.
 */

/** Plain text as a block of HTML; addresses of pages become links. */
export function footerMarkup(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '-- ');
  return `<div style="${style}">${lines.map(linkPages).join('<br>\r\n')}</div>`;
}

/** Before the last `</body>` outside comments, scripts, styles and attributes; the page's end where there is none. */
export function footerPlace(page: string): number {
  const lower = page.toLowerCase();
  let found = page.length;
  for (let at = lower.indexOf('<'); at !== -1; at = lower.indexOf('<', at)) {
    if (lower.startsWith('</body', at) && /[\s>/]/.test(lower[at + 6] ?? '')) found = at;
    at = afterMarkup(lower, at);
  }
  return found;
}

const style = 'margin-top:1em;padding-top:.5em;border-top:1px solid #999;font-size:smaller';

/** Elements whose content is no markup, up to their end tag (HTML §13.1.2). */
const rawElement = /(script|style|title|textarea|xmp|iframe|noembed|noframes)[\s/>]/y;

function afterMarkup(lower: string, at: number): number {
  // HTML §13.2.5: a comment without an end goes to the end of the page.
  if (lower.startsWith('<!--', at)) return after(lower, '-->', at + 4);
  const end = endOfTag(lower, at);
  rawElement.lastIndex = at + 1;
  const name = rawElement.exec(lower)?.[1];
  return name === undefined ? end : endOrLength(lower, `</${name}`, end);
}

/** After the `>` that is in no attribute's value; what is no tag at all is one character of text. */
function endOfTag(lower: string, at: number): number {
  if (!/[a-z/!?]/.test(lower[at + 1] ?? '')) return at + 1;
  for (let i = at + 1; i < lower.length; i++) {
    const character = lower[i];
    if (character === '>') return i + 1;
    if ((character === '"' || character === "'") && lower[i - 1] === '=') {
      const close = lower.indexOf(character, i + 1);
      if (close === -1) return lower.length;
      i = close;
    }
  }
  return lower.length;
}

function after(lower: string, text: string, from: number): number {
  const found = lower.indexOf(text, from);
  return found === -1 ? lower.length : found + text.length;
}

function endOrLength(lower: string, text: string, from: number): number {
  const found = lower.indexOf(text, from);
  return found === -1 ? lower.length : found;
}

function linkPages(line: string): string {
  return line
    .split(/(https?:\/\/[^\s<>"'()]*[^\s<>"'().,;:!?])/)
    .map((piece, i) =>
      i % 2 === 0 ? escapeHtml(piece) : `<a href="${escapeHtml(piece)}">${escapeHtml(piece)}</a>`,
    )
    .join('');
}

function escapeHtml(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 126 || '&<>"\''.includes(character) ? `&#${code};` : character;
  }).join('');
}
