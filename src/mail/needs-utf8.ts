import { isAscii, isUtf8 } from 'node:buffer';
import { isAsciiOnly } from '../domain/address.ts';
import { renderHead } from './edit-head.ts';
import type { HeaderField, MailHead } from './headers.ts';

/**
 * Whether a next hop must offer SMTPUTF8 to get a mail with this header block (RFC 6532): it has addresses in UTF-8, or came announced with
 * SMTPUTF8 (RFC 6531 §4.3) and is in UTF-8 somewhere. Raw octets that nobody announced are old mail's way to write a subject, and need
 * no more than 8BITMIME: asking for SMTPUTF8 would have them bounce at each server that lacks it, which take them otherwise.
 */
export function needsUtf8(head: Pick<MailHead, 'fields'>): boolean {
  const bytes = renderHead(head);
  if (isAscii(bytes) || !isUtf8(bytes)) return false;
  return head.fields.some((field) => cameAsUtf8(field) || namesUtf8(field));
}

function cameAsUtf8({ name, value }: HeaderField): boolean {
  return name === 'received' && /\bwith\s+UTF8(SMTP|LMTP)/.test(value);
}

const addressed =
  /^(from|sender|reply-to|to|cc|bcc|return-path|x-original-from|resent-(from|sender|to|cc|bcc|reply-to))$/;

/** An octet over 127 next to the `@`, without white space or brackets between. */
function namesUtf8({ name, value }: HeaderField): boolean {
  if (!addressed.test(name) || isAsciiOnly(value)) return false;
  return value.split(/[\s<>(),;:"]+/).some((word) => word.includes('@') && !isAsciiOnly(word));
}
