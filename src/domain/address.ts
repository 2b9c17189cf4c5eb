/** A mailbox in its canonical form: local part in ASCII lower case, domain in lower-case A-labels. Compare with `===`. */
export type Address = string & { readonly __brand: 'Address' };

const atom = /^[a-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[a-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Each label ends at its dot, so there is one way to match: linear. */
const hostName = new RegExp(`^(?:${label}\\.)+(?!\\d+$)${label}$`);

/**
 * The canonical form of a bare `local@domain`, or undefined where we refuse it as a member's or sender's address:
 * quoted local parts, comments, address literals, single-label domains and anything over 64/254 octets
 * (RFC 5321 §4.1.2, §4.5.3.1). Non-ASCII domains must arrive as A-labels: `readAddress` of mail/ makes them.
 */
export function parseAddress(text: string): Address | undefined {
  return canonical(text, 64);
}

/**
 * The canonical form of an envelope sender; '' is the null sender. As `parseAddress`, but the local part may be as long as the
 * path allows: senders that carry an address or a signature (VERP, SRS) exceed 64 octets, and RFC 5321 §4.5.3.1 asks to take them.
 */
export function parseReversePath(text: string): Address | '' | undefined {
  return text === '' ? '' : canonical(text, 254);
}

function canonical(text: string, longestLocal: number): Address | undefined {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > 254) return undefined;
  const local = asciiLowerCase(text.slice(0, at));
  const domain = asciiLowerCase(text.slice(at + 1));
  return local.length <= longestLocal && atom.test(local) && isDomain(domain)
    ? (`${local}@${domain}` as Address)
    : undefined;
}

/** A host name of at least two labels, the last not all digits (that would be an IPv4 address). */
export function isDomain(domain: string): boolean {
  return domain.length <= 253 && hostName.test(domain);
}

export function localPart(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

export function domainPart(address: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** `toLowerCase` folds more than ASCII (İ, K): two different mailboxes must never become one. */
export function asciiLowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** `alice@example.com` → `a…e@example.com`: enough for its owner to know it again, on a page anybody with the link may open. */
export function maskAddress(address: Address): string {
  const local = localPart(address);
  const shown = local.length < 3 ? `${local.slice(0, 1)}…` : `${local.slice(0, 1)}…${local.slice(-1)}`;
  return `${shown}@${domainPart(address)}`;
}
