import { convert } from 'html-to-text';

/** Of longer HTML the beginning is read, in characters; deeper nesting is dropped: both cost more than they tell. */
const limits = { input: 1_000_000, depth: 50 };

/** HTML as plain text, with `>` before block quotes; '' where it cannot be read. */
export function htmlToText(html: string): string {
  return convert(html.slice(0, limits.input), {
    wordwrap: false,
    limits: { maxDepth: limits.depth, maxInputLength: limits.input, ellipsis: '' },
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
}
