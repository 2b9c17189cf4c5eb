/** Characters of a name that people can still tell apart at a glance. */
const longest = 60;

/**
 * `Alice Liddell via Birds`: who wrote, and through which list. Nothing in it looks like an address: a From with two of them looks like a
 * forgery, to people and to filters. `local`: of the author's address, for one without a name.
 */
export function viaName(author: { readonly name: string; readonly email: string }, title: string): string {
  const local = author.email.slice(0, Math.max(0, author.email.lastIndexOf('@')));
  const list = plainName(title) || 'the list';
  const name = plainName(author.name) || plainName(local) || 'Somebody';
  const via = ` via ${list}`;
  return name.endsWith(via) ? name : `${name}${via}`;
}

/** Without words that hold an at sign, and without what is invisible, turns the direction of writing, or belongs around an address. */
export function plainName(name: string): string {
  const words = name
    .normalize('NFC')
    .split(/[\s\p{Zl}\p{Zp}]+/u)
    .map((word) => word.replace(/["<>\\\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, ''))
    .filter((word) => word !== '' && !/[@\uff20\ufe6b]/u.test(word));
  return Array.from(words.join(' ')).slice(0, longest).join('').trim();
}
