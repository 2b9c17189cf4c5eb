import { readAuthservId } from '../mail/authentication-results.ts';
import type { HeaderField } from '../mail/headers.ts';

/** Fields of the received mail that no copy carries on, by the reason (email.md §5.1); everything else stays, bit by bit. */
const removed: readonly (readonly [why: string, names: readonly string[]])[] = [
  [
    'a trace of one delivery',
    ['return-path', 'delivered-to', 'x-original-to', 'envelope-to', 'apparently-to', 'errors-to'],
  ],
  ['it names who was meant not to be seen', ['bcc', 'resent-bcc']],
  // RFC 2369 §4, RFC 2919 §2: one of each.
  ['only the list says this of itself', ['archived-at', 'feedback-id', 'precedence']],
  [
    'its answers would tell its author who is on the list and has read the post',
    [
      'disposition-notification-to',
      'return-receipt-to',
      'x-confirm-reading-to',
      'x-pmrqc',
      'generate-delivery-report',
    ],
  ],
  ['a password of list managers', ['approve', 'approved', 'x-approve', 'x-approved', 'x-password']],
  ['a spam filter’s word to somebody else', ['x-spam', 'x-spamd-bar', 'x-spamd-result']],
];

const reasons: ReadonlyMap<string, string> = new Map(
  removed.flatMap(([why, names]) => names.map((name) => [name, why] as const)),
);

const prefixes: readonly (readonly [prefix: string, why: string])[] = [
  ['list-', 'only the list says this of itself'],
  ['cfbl-', 'only the list says this of itself'],
  ['bimi-', 'only the receiver says this'],
  ['x-spam-', 'a spam filter’s word to somebody else'],
  ['x-rspamd-', 'a spam filter’s word to somebody else'],
];

/** Why no copy carries a field on; undefined: it stays. `name` in lower case. */
export function whyRemoved(name: string): string | undefined {
  return reasons.get(name) ?? prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
}

/**
 * The same for one that needs a look at its value: an Authentication-Results that claims to be ours or of a server that we believe.
 * Anybody can write one, so a copy never carries it on (RFC 8601 §5).
 */
export function whyDisbelieved({ name, value }: HeaderField, ids: readonly string[]): string | undefined {
  if (name !== 'authentication-results' || !claimsTrustedResults(value, ids)) return undefined;
  return 'it claims to be of a server that is believed here, or of nobody';
}

/**
 * `value` is the unfolded field. Also where we cannot read whose it is: others may. A dot at the end and a version that is written as part of
 * the name make no other server of it.
 */
export function claimsTrustedResults(value: string, ids: readonly string[]): boolean {
  const named = readAuthservId(value)?.trim().replace(/\/.*$/, '').replace(/\.$/, '');
  return named === undefined || named === '' || ids.some((id) => id.toLowerCase() === named);
}
