import type { Address } from './address.ts';

/**
 * Who asks. A `From:` header alone makes a `claimed` actor; only DMARC-style alignment makes it `verified` (email.md §4.3);
 * a `holder` presents a token, whose own row says what it allows.
 */
export type Actor =
  | { readonly kind: 'operator'; readonly via: 'cli' | 'mail' }
  | { readonly kind: 'system' }
  | { readonly kind: 'verified'; readonly email: Address }
  | { readonly kind: 'claimed'; readonly email: Address }
  | { readonly kind: 'holder'; readonly of: string; readonly ip?: string }
  | { readonly kind: 'visitor'; readonly ip: string };

/** How the audit trail names the actor: never a token, an address only where one was claimed or proved. */
export function describeActor(actor: Actor): string {
  switch (actor.kind) {
    case 'operator':
      return `operator:${actor.via}`;
    case 'system':
      return 'system';
    case 'verified':
    case 'claimed':
      return `${actor.kind}:${actor.email}`;
    case 'holder':
      return `holder:${actor.of}`;
    case 'visitor':
      return `visitor:${actor.ip}`;
  }
}

/** Whether `describeActor` wrote this of the people who run the site. */
export function isOfOperator(described: string): boolean {
  return described.startsWith('operator:');
}
