import { isUtf8 } from 'node:buffer';
import addressparser from 'nodemailer/lib/addressparser';
import { isAsciiOnly } from '../domain/address.ts';
import { readAddress } from './ascii-domain.ts';
import { decodeLatin1 } from './charset.ts';
import { readParameters } from './content-type.ts';
import { decodeHeader } from './decode-header.ts';
import { newField } from './edit-head.ts';
import { encodePhrase, encodeText, formatMailbox } from './encode-header.ts';
import type { HeaderField } from './headers.ts';

/**
 * A field for servers that take no UTF-8 in header fields: the same text in ASCII, as RFC 2047 and RFC 6857 write it. Undefined where
 * ASCII cannot say it: the field goes then, since half of an id or of a signature is worse than none. What is no UTF-8 stays.
 */
export function plainField(field: HeaderField): HeaderField | undefined {
  if (isAsciiOnly(field.raw) || !isUtf8(Buffer.from(field.raw, 'latin1'))) return field;
  const name = field.raw.slice(0, field.name.length);
  const value = plainValue(field);
  try {
    return value === undefined || value === '' ? undefined : newField(name, value);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // a word that fits no line
    throw error;
  }
}

const unspeakable =
  /^(message-id|in-reply-to|references|content-id|sender|return-path|dkim-signature|arc-.*)$/;
const answerable = /^(reply-to|resent-reply-to)$/;
const addressed = /^(from|to|cc|bcc|resent-(from|sender|to|cc|bcc))$/;
const described = /^content-(type|disposition)$/;

function plainValue({ name, value }: HeaderField): string | undefined {
  if (name === '' || unspeakable.test(name)) return undefined;
  if (answerable.test(name)) return mailboxes(value).flatMap(asciiMailbox).join(', ');
  if (addressed.test(name))
    return mailboxes(value)
      .map((each) => asciiMailbox(each)[0] ?? namedOnly(each))
      .join(', ');
  return described.test(name) ? plainParameters(value) : encodeText(decodeHeader(value));
}

interface WrittenMailbox {
  readonly name: string;
  readonly address: string;
}

function mailboxes(value: string): WrittenMailbox[] {
  return addressparser(decodeLatin1(value), { flatten: true }).map(({ name, address }) => ({
    name: decodeHeader(Buffer.from(name).toString('latin1')),
    address,
  }));
}

/** With its domain in A-labels; none where the local part is not ASCII, or the address would be read as another one without its quotes. */
function asciiMailbox({ name, address }: WrittenMailbox): string[] {
  const email = readAddress(address) ?? address;
  const isPlain = isAsciiOnly(email) && /^[^\s<>(),;:"@\\]+(@[^\s<>(),;:"@\\]+)?$/.test(email);
  return isPlain ? [formatMailbox({ name, email })] : [];
}

/** RFC 6857 §3.1.8: an empty group by the name of who cannot be addressed. */
function namedOnly({ name, address }: WrittenMailbox): string {
  return `${encodePhrase(`${name} ${address}`)}:;`;
}

/** RFC 2231 §4 */
function plainParameters(value: string): string {
  const { type, parameters } = readParameters(decodeLatin1(value));
  const words = [...parameters]
    .filter(([name]) => /^[a-z0-9*._-]+$/.test(name))
    .map(([name, content]) => {
      if (/^[A-Za-z0-9.*'%_-]+$/.test(content)) return `${name}=${content}`;
      if (isAsciiOnly(content)) return `${name}="${content.replace(/["\\]/g, '\\$&')}"`;
      return `${name}*=utf-8''${encodeURIComponent(content).replace(/[*'()!]/g, escapeByte)}`;
    });
  return [type, ...words].join('; ');
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
