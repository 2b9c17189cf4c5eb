import { type Address, domainPart } from './address.ts';
import { isUnder } from './provider.ts';

/**
 * Services that report for mailboxes in other domains than their own (email.md §6.5), as far as they are known; whom a list lacks is told that
 * they have left, which is all.
 */
const services: readonly (readonly [reporter: string, mailboxes: readonly string[]])[] = [
  [
    'arf.mail.yahoo.com',
    [
      'yahoo.com',
      'ymail.com',
      'rocketmail.com',
      'aol.com',
      'verizon.net',
      'att.net',
      'sbcglobal.net',
      'rogers.com',
    ],
  ],
  // From staff@hotmail.com.
  ['hotmail.com', ['hotmail.com', 'outlook.com', 'live.com', 'msn.com']],
];

/** In domains where strangers have mailboxes only these speak for the provider: nobody else gets them (RFC 2142 §4, and what is in use). */
const roles = /^(?:abuse|postmaster|staff|feedback|feedback-?loop|fbl|arf|complaints?)$/;

/**
 * Whether a proved sender may say what people with a mailbox in some domain complain of: it is a host below that domain, or an address of its
 * provider's there, above it, or at a service for it.
 */
export function reportsFor(sender: Address, mailboxes: string): boolean {
  const domain = domainPart(sender);
  if (domain !== mailboxes && isUnder(domain, mailboxes)) return true;
  const serves = services.some(([reporter, served]) => domain === reporter && served.includes(mailboxes));
  return (serves || isUnder(mailboxes, domain)) && roles.test(sender.slice(0, sender.lastIndexOf('@')));
}
