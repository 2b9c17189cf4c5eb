import { readAuthservId } from '../mail/authentication-results.ts';

/** Fields of the received mail that no copy carries on (email.md §5.1); everything else stays, bit by bit. */
const removed: ReadonlySet<string> = new Set([
  // Traces of one delivery, or of a copy that was not meant to be seen.
  'return-path',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'apparently-to',
  'bcc',
  'resent-bcc',
  'errors-to',
  // What only the list may say of itself (RFC 2369 §4, RFC 2919 §2: one of each).
  'archived-at',
  'feedback-id',
  'precedence',
  // They would let the author fish for who is on the list and who has read the post.
  'disposition-notification-to',
  'return-receipt-to',
  'x-confirm-reading-to',
  'x-pmrqc',
  'generate-delivery-report',
  // Passwords of list managers.
  'approve',
  'approved',
  'x-approve',
  'x-approved',
  'x-password',
]);

const removedPrefixes = ['list-', 'cfbl-', 'bimi-'] as const;

/** `name` in lower case. */
export function isRemoved(name: string): boolean {
  return removed.has(name) || removedPrefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * An Authentication-Results field that claims to be ours or of a server that we believe: anybody can write one, so a copy never carries it
 * on (RFC 8601 §5). `value` is the unfolded field.
 */
export function claimsTrustedResults(value: string, ids: readonly string[]): boolean {
  const named = readAuthservId(value);
  return ids.some((id) => id.toLowerCase() === named);
}
