import { readdirSync, readFileSync } from 'node:fs';
import { footerText } from '../../src/rewrite/footer-text.ts';
import { plainList, plainSite } from '../support/plain.ts';

/** The golden mails of footers/: `NAME.in.eml` and what becomes of it, `NAME.out.eml`; `left-…` stays as it is. */
const folder = new URL('footers/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => /^(.+)\.in\.eml$/.exec(file)?.[1] ?? []);
export const grownNames = names.filter((name) => !name.startsWith('left-'));
export const leftNames = names.filter((name) => name.startsWith('left-'));

/** The mail of a file, with the line ends of the wire. */
export function golden(file: string): Buffer {
  return Buffer.from(readFileSync(new URL(file, folder), 'latin1').replaceAll('\n', '\r\n'), 'latin1');
}

export const standardFooter = footerText(plainList({ footer: 'standard' }), plainSite) ?? '';

export function mail(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
