import type { Child } from 'hono/jsx';

/**
 * Text with the addresses of our own pages made links; all other text stays text, and is escaped where it is shown. What follows
 * the base URL is taken as far as a path of ours can reach, so a full stop after it stays outside.
 */
export function linkOwn(text: string, baseUrl: string): readonly Child[] {
  const own = new RegExp(`(${escapeRegExp(baseUrl)}/(?:[\\w@~./?=&%+-]*[\\w@~/=&%+-])?)`);
  return text.split(own).map((piece, i) => (i % 2 === 1 ? <a href={piece}>{piece}</a> : piece));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
