import type { Authentication } from '../domain/authentication.ts';

/**
 * The value of an Authentication-Results field (RFC 8601 §2.2): what was found out about a mail, told by `authservId`. Without
 * `authentication` nobody looked, and it says so.
 */
export function resultsValue(authservId: string, authentication: Authentication | undefined): string {
  if (!authentication) return `${authservId}; none`;
  const { dmarc, dkim, spf, arc, by } = authentication;
  const told = by.kind === 'front-mta' && isToken(by.authservId) ? ` (told by ${by.authservId})` : '';
  const results = [
    `dmarc=${dmarc.result}${told}${property('header.from', dmarc.domain)}`,
    ...(dkim.length === 0 ? ['dkim=none'] : []),
    ...dkim.map(
      ({ result, domain, selector }) =>
        `dkim=${result}${property('header.d', domain)}${property('header.s', selector)}`,
    ),
    // Of a null sender the domain is that of EHLO, for postmaster@ of which SPF is asked then (RFC 7208 §2.4).
    `spf=${spf.result}${property('smtp.mailfrom', spf.domain)}`,
    `arc=${arc.result}`,
  ];
  return [authservId, ...results].join('; ');
}

/** Domains and selectors are what strangers wrote: one that no domain can be is left out. */
function property(name: string, value: string): string {
  return isToken(value) ? ` ${name}=${value}` : '';
}

function isToken(value: string): boolean {
  return /^[A-Za-z0-9._-]{1,253}$/.test(value);
}
