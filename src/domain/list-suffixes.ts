/**
 * The addresses every list has beside the one for posts: `birds-join@`, `birds-bounces+TOKEN@` … with the spellings that
 * people bring along from Mailman, mlmmj, Sympa, Groups.io and LISTSERV (email.md §1.1).
 */
export type SuffixPurpose =
  | 'request'
  | 'join'
  | 'leave'
  | 'digest'
  | 'nomail'
  | 'mail'
  | 'confirm'
  | 'moderate'
  | 'author-alias'
  | 'owner'
  | 'bounces';

export interface ListSuffix {
  readonly text: string;
  readonly purpose: SuffixPurpose;
  /** Whether a `+TOKEN` follows. */
  readonly token: 'none' | 'optional' | 'required';
  /** False: only understood as `birds+help`, so that a list may be called `self-help`. */
  readonly hyphen: boolean;
}

/** Longest first: `birds-subscribe-digest` is no plain `-digest` address of a list `birds-subscribe`. */
export const listSuffixes: readonly ListSuffix[] = [
  ...suffixes('request', 'none', ['request']),
  { text: 'help', purpose: 'request', token: 'none', hyphen: false } as const,
  ...suffixes('join', 'none', ['join', 'subscribe', 'sub']),
  ...suffixes('leave', 'optional', ['leave', 'unsubscribe', 'signoff']),
  ...suffixes('digest', 'none', ['digest', 'subscribe-digest']),
  ...suffixes('nomail', 'none', ['nomail', 'subscribe-nomail']),
  ...suffixes('mail', 'none', ['mail']),
  ...suffixes('confirm', 'required', ['confirm']),
  ...suffixes('moderate', 'required', ['mod']),
  ...suffixes('author-alias', 'required', ['from']),
  ...suffixes('owner', 'none', ['owner', 'admin', 'editor']),
  ...suffixes('bounces', 'optional', ['bounces', 'bounce']),
].toSorted((a, b) => b.text.length - a.text.length);

/** LISTSERV's spellings, before the name: `owner-birds`, `bounce-birds`. */
export const listPrefixes: readonly { readonly text: string; readonly purpose: SuffixPurpose }[] = [
  { text: 'owner-', purpose: 'owner' },
  { text: 'bounce-', purpose: 'bounces' },
];

function suffixes(
  purpose: SuffixPurpose,
  token: ListSuffix['token'],
  texts: readonly string[],
): readonly ListSuffix[] {
  return texts.map((text) => ({ text, purpose, token, hyphen: true }));
}
