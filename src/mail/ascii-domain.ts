import { domainToASCII } from 'node:url';
import { type Address, isDomain, parseAddress, parseReversePath } from '../domain/address.ts';

/**
 * A host name in lower-case A-labels (RFC 5891), or undefined when it is none. Only a name with non-ASCII characters goes through
 * the URL parser's IDNA, which otherwise would read percent signs and odd IPv4 numbers as well.
 */
function toAsciiDomain(domain: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  if (/^[\x00-\x7f]*$/.test(domain)) {
    const lower = domain.toLowerCase();
    return isDomain(lower) ? lower : undefined;
  }
  if (domain.length > 253 || /[\s%/\\?#:@[\]]/.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  return isDomain(ascii) ? ascii : undefined;
}

/** Like `parseAddress`, for addresses as people write them: the domain may hold non-ASCII characters. */
export function readAddress(text: string): Address | undefined {
  return parseAddress(text) ?? parseAddress(withAsciiDomain(text));
}

/** Like `parseReversePath`; with SMTPUTF8 the domain may come in Unicode (RFC 6531 §3.3). */
export function readReversePath(text: string): Address | '' | undefined {
  return parseReversePath(text) ?? parseReversePath(withAsciiDomain(text));
}

/** As it is where the domain is none. */
function withAsciiDomain(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = at > 0 ? toAsciiDomain(text.slice(at + 1)) : undefined;
  return domain === undefined ? text : `${text.slice(0, at)}@${domain}`;
}
