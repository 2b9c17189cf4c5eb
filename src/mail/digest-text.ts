/**
 * Whether a whole digest stands in the text, quoted or not: its list of contents, or its end, and the lines that part its messages
 * (RFC 1153: 30 hyphens). Mailman, LISTSERV, and digests made like theirs.
 */
export function holdsDigest(text: string): boolean {
  return mark.test(text) && separator.test(text);
}

const mark = /^[> \t|]{0,20}(?:today's topics:|topics of the day:|end of .{1,100} digest)/im;
const separator = /^[> \t|]{0,20}-{30}[ \t]{0,5}\r?$/m;
