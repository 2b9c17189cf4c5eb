import type { Address } from '../domain/address.ts';

/**
 * One thing a mail asks the list server to do (email.md §2.3). `list` is there only in mail to `listserv@`, as it was written; mail to
 * `birds-request@` means its own list. Addresses are canonical, tokens and words as written.
 */
export type MailCommand =
  | { readonly kind: 'help' | 'lists' | 'which' }
  | ({
      readonly kind: 'join';
      readonly mode?: 'digest' | 'nomail';
      readonly name?: string;
      readonly address?: Address;
    } & Of)
  /** `list: '*'`: every list of this address. */
  | ({ readonly kind: 'leave'; readonly address?: Address } & Of)
  | { readonly kind: 'confirm' | 'cancel'; readonly token: string }
  | ({ readonly kind: 'set'; readonly options: readonly SetOption[] } & Of)
  /** `until`: ISO date; absent: the holiday is over. */
  | ({ readonly kind: 'vacation'; readonly until?: string } & Of)
  | ({ readonly kind: 'name'; readonly name: string } & Of)
  | { readonly kind: 'address'; readonly address: Address }
  | ({ readonly kind: 'status' | 'who' | 'index' | 'pending' } & Of)
  | ({ readonly kind: 'get'; readonly what: string } & Of)
  | ({ readonly kind: 'search'; readonly query: string } & Of)
  /** A held post, by its number or by the token of a notice about it. */
  | {
      readonly kind: 'approve' | 'reject' | 'discard';
      readonly held: { readonly id: number } | { readonly token: string };
      readonly reason?: string;
    }
  | ({ readonly kind: AddressVerb; readonly address: Address } & Of)
  /** LISTSERV's words: every post waits for a moderator, and no longer. */
  | ({ readonly kind: 'hold' | 'free' } & Of)
  /** `post`: any post of the conversation, by its number or hash. */
  | ({ readonly kind: 'lock' | 'unlock'; readonly post: string } & Of);

/** What owners and moderators say about somebody. */
export type AddressVerb =
  | 'invite'
  | 'add'
  | 'remove'
  | 'moderate'
  | 'unmoderate'
  | 'ban'
  | 'allow'
  | 'forget';

interface Of {
  readonly list?: string;
}

export const setOptions = [
  'mail',
  'nomail',
  'digest',
  'index',
  'mime',
  'plain',
  'html',
  'ack',
  'noack',
  'repro',
  'norepro',
  'conceal',
  'noconceal',
  'dupes',
  'nodupes',
] as const;
export type SetOption = (typeof setOptions)[number];
