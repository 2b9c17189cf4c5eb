/** A text that is the same for many but for some blanks. */
export interface Template {
  /** With a mark at each blank. */
  readonly text: string;
  /** A value for each blank, by its number: not empty, and without white space, so that the canonical form of the text around it stays. */
  fill(values: readonly string[]): string;
}

/** A template, and what one of many has in its blanks. */
export interface Filling {
  readonly template: Template;
  readonly values: readonly string[];
}

/** No header field of ours holds it. */
const mark = '\0';

/** What stands in the text of a template where the value of this number belongs. */
export function blank(number: 0 | 1): string {
  return `${mark}${number}`;
}

export function templateOf(text: string): Template {
  const [first = '', ...others] = text.split(mark);
  const pieces = others.map((piece) => ({ number: Number(piece[0]), after: piece.slice(1) }));
  return {
    text,
    fill(values) {
      let filled = first;
      for (const { number, after } of pieces) filled += (values[number] ?? '') + after;
      return filled;
    },
  };
}

/** Without blanks. */
export function fillingOf(text: string): Filling {
  return { template: templateOf(text), values: [] };
}

export function textOf({ template, values }: Filling): string {
  return template.fill(values);
}
