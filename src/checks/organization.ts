import { getAlignment } from 'mailauth/lib/tools.js';

/** Relaxed alignment (RFC 7489 §3.1.1): both belong to one organization by the Public Suffix List. Lower-case A-labels. */
export function sameOrganization(one: string, other: string): boolean {
  return one !== '' && other !== '' && getAlignment(one, [other]) !== false;
}

/** RFC 7489 §3.2: `example.co.uk` for `lists.example.co.uk`; the domain itself where it is a public suffix. */
export function organizationalDomain(domain: string): string {
  const labels = domain.split('.');
  for (let from = labels.length - 1; from > 0; from--) {
    const shorter = labels.slice(from).join('.');
    if (sameOrganization(domain, shorter)) return shorter;
  }
  return domain;
}
