/**
 * A mailbox in its canonical form: local part in NFC and ASCII lower case, domain in lower-case A-labels. Compare with `===`. The local part
 * may hold characters outside ASCII (RFC 6531): two that differ in the case of those are two mailboxes, since only their host knows.
 */
export type Address = string & { readonly __brand: 'Address' };

const atom =
  /^[a-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\u{10ffff}]+(?:\.[a-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\u{10ffff}]+)*$/u;
/** What cannot be seen, turns the line, or stands for what could not be read; and what NFC makes ASCII of: `K` is not `k`. */
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\ufffd\u037e\u1fef\u212a]/u;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Each label ends at its dot, so there is one way to match: linear. */
const hostName = new RegExp(`^(?:${label}\\.)+(?!\\d+$)${label}$`);

/**
 * The canonical form of a bare `local@domain`, or undefined where we refuse it as a member's or sender's address:
 * quoted local parts, comments, address literals, single-label domains, invisible characters and anything over 64/254 octets
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
  const local = canonicalLocal(text.slice(0, at));
  const domain = asciiLowerCase(text.slice(at + 1));
  if (local === undefined || !atom.test(local) || !isDomain(domain)) return undefined;
  const octets = octetsOf(local);
  return octets <= longestLocal && octets + 1 + domain.length <= 254
    ? (`${local}@${domain}` as Address)
    : undefined;
}

function canonicalLocal(text: string): string | undefined {
  if (isAsciiOnly(text)) return asciiLowerCase(text);
  return unfit.test(text) ? undefined : asciiLowerCase(text.normalize('NFC'));
}

/** RFC 6531 §3.3: limits count octets of UTF-8. */
function octetsOf(text: string): number {
  return isAsciiOnly(text) ? text.length : Buffer.byteLength(text);
}

/** Whether mail to this address, or naming it, can go to every server: the others want SMTPUTF8 (RFC 6531). */
export function isAsciiOnly(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  return /^[\x00-\x7f]*$/.test(text);
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
  const [...local] = localPart(address);
  const [first = ''] = local;
  const shown = local.length < 3 ? `${first}…` : `${first}…${local.at(-1) ?? ''}`;
  return `${shown}@${domainPart(address)}`;
}
