import { listPrefixes, listSuffixes } from './list-suffixes.ts';
import { serviceNames } from './service-address.ts';
import { normalizeToken } from './token.ts';

/**
 * At most 40 octets, so that `birds-bounces+` and a token of 15 fit the 64 octets of a local part (RFC 5321 §4.5.3.1.1).
 * None of `+ = @ % ! /`: they separate tokens, encode other addresses or route mail elsewhere.
 */
const grammar = /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?$/;

/** Parts of other addresses, and the first segments of the web, where a list's pages live under its name. */
const reserved = new Set([
  ...serviceNames,
  ...'admin root www web owner bounce bounces confirm'.split(' '),
  ...'c u me api search moderation outbox healthz metrics static feed'.split(' '),
  ...'hyperkitty pipermail archives mailman3 robots.txt favicon.ico'.split(' '),
]);

export interface NameRules {
  /** For a list brought along from elsewhere, `friends-owner` say, whose name would read as an address of the list `friends`. */
  readonly allowSuffixName?: boolean;
}

/** Why a local part in lower case cannot name a list, as a sentence; undefined when it can. */
export function checkListName(name: string, rules: NameRules = {}): string | undefined {
  if (!isListName(name)) {
    return `"${name}" cannot be a list's name: it takes 1 to 40 of a-z, 0-9, ".", "_" and "-", with a letter or digit at both ends and no "..".`;
  }
  if (reserved.has(name)) return `"${name}" is reserved: it is one of the addresses or pages every site has.`;
  const base = baseNames(name)[0];
  if (base === undefined || rules.allowSuffixName) return undefined;
  return `"${name}" would read as an address of a list "${base}". A list brought along from elsewhere may keep such a name: --allow-suffix-name.`;
}

/** Whether the text has a list name's form, reserved or not: what may stand before a suffix. */
export function isListName(name: string): boolean {
  return grammar.test(name) && !name.includes('..');
}

/** The lists whose own addresses this name would take over, if they exist: `friends-owner` → `friends`. */
export function baseNames(name: string): readonly string[] {
  const found = [
    ...listPrefixes.flatMap(({ text }) => (name.startsWith(text) ? [name.slice(text.length)] : [])),
    ...listSuffixes.flatMap(({ text, hyphen }) =>
      hyphen && name.endsWith(`-${text}`) ? [name.slice(0, -text.length - 1)] : [],
    ),
    ...confirmationBase(name),
  ];
  return found.filter(isListName);
}

/** The names that would stand in the way of a new list's own addresses: `friends` → `friends-owner`, `owner-friends` … */
export function derivedNames(name: string): readonly string[] {
  return [
    ...listPrefixes.map(({ text }) => text + name),
    ...listSuffixes.filter(({ hyphen }) => hyphen).map(({ text }) => `${name}-${text}`),
  ];
}

/** `birds-confirm-TOKEN` is the one address whose token follows a hyphen. */
function confirmationBase(name: string): readonly string[] {
  const match = /^(.+)-confirm-(.+)$/.exec(name);
  return match?.[1] !== undefined && normalizeToken(match[2] ?? '') ? [match[1]] : [];
}
