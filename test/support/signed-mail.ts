import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { dkimSign, sealMessage } from 'mailauth';
import type { Zones } from './name-server.ts';

/**
 * Mail that is really signed, with the DNS that proves it:
 *
 *     const key = makeKey('example.org');
 *     const dns = await startDns({ ...key.zone, '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] } });
 *     const raw = await signMail(writeMail({ from: 'Alice <alice@example.org>', to: 'birds@lists.example.org' }), key);
 */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** The TXT record that publishes it, under its name: for `startDns`. */
  readonly zone: Zones;
}

/** Ed25519 (RFC 8463) is made in no time; RSA (1024 bits, the least that RFC 8301 allows) where the kind matters, and for ARC. */
export function makeKey(
  domain: string,
  {
    selector = 's1',
    kind = 'ed25519',
  }: { readonly selector?: string; readonly kind?: 'rsa' | 'ed25519' } = {},
): SigningKey {
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 1024 }) : generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // RFC 8463 §3: the 32 octets of the key themselves, which are the last of its SPKI.
  const published = (kind === 'rsa' ? spki : spki.subarray(-32)).toString('base64');
  return {
    domain,
    selector,
    algorithm: kind === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    zone: { [`${selector}._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=${kind}; p=${published}`] } },
  };
}

export interface Writing {
  /** `Alice <alice@example.org>` */
  readonly from: string;
  readonly to: string;
  readonly subject?: string;
  readonly text?: string;
  /** Further header lines above the rest, without line ends. */
  readonly headers?: readonly string[];
}

let written = 0;

/** A plain mail with a Message-ID of its own, CRLF. */
export function writeMail({
  from,
  to,
  subject = 'Nests',
  text = 'Two eggs.',
  headers = [],
}: Writing): Buffer {
  written += 1;
  const lines = [
    ...headers,
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    `Message-ID: <${process.pid}.${written}@mail.example>`,
    '',
    ...text.split('\n'),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

export interface SigningOptions {
  /** Default `relaxed/relaxed`. */
  readonly canonicalization?: string;
  /** Fields of `h=`, where they shall not be the usual ones: `['from', 'subject']`. */
  readonly fields?: readonly string[];
  /** `l=`: the octets of the body that are signed. */
  readonly bodyLength?: number;
  readonly signedAt?: Date;
  readonly expires?: Date;
}

/** The mail with one more DKIM-Signature (RFC 6376) on top. */
export async function signMail(raw: Buffer, key: SigningKey, options: SigningOptions = {}): Promise<Buffer> {
  const signer = {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey,
    algorithm: key.algorithm,
  };
  const { signatures, errors } = await dkimSign(raw, {
    canonicalization: options.canonicalization ?? 'relaxed/relaxed',
    signTime: options.signedAt ?? new Date(Date.now() - 10_000),
    ...(options.expires ? { expires: options.expires } : {}),
    // Its types ask for an array; its code takes the text of h= and nothing else.
    ...(options.fields ? { headerList: options.fields.join(':') as unknown as string[] } : {}),
    ...signer,
    signatureData: [
      { ...signer, ...(options.bodyLength === undefined ? {} : { maxBodyLength: options.bodyLength }) },
    ],
  });
  if (errors?.length) throw new Error(`not signed: ${JSON.stringify(errors)}`);
  return Buffer.concat([Buffer.from(signatures), raw]);
}

/** What Gmail and rspamd sign: some names once more than there are fields, so that none can be added. */
export const oversigned =
  'from:from:to:cc:subject:subject:date:message-id:mime-version:content-type:reply-to:sender';

/**
 * The mail with one more DKIM-Signature over these names, each as often as it is named, which mailauth cannot: relaxed/relaxed, for mails
 * as `writeMail` makes them, without folded fields and without trailing or doubled blanks.
 */
export function oversignMail(raw: Buffer, key: SigningKey, names = oversigned): Buffer {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).split('\r\n').map(relaxed);
  const body = `${text.slice(end + 4).replace(/(?:\r\n)*$/, '')}\r\n`;
  const covered = names.split(':').flatMap((name) => {
    const at = lines.findLastIndex((line) => line.startsWith(`${name}:`));
    return at === -1 ? [] : [`${lines.splice(at, 1)[0]}\r\n`];
  });
  const bodyHash = hash('sha256', Buffer.from(body, 'latin1'), 'base64');
  const field =
    `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${key.domain}; s=${key.selector}; ` +
    `h=${names}; bh=${bodyHash}; b=`;
  const data = Buffer.from(covered.join('') + relaxed(field), 'latin1');
  const signature =
    key.algorithm === 'rsa-sha256'
      ? sign('sha256', data, key.privateKey)
      : sign(null, hash('sha256', data, 'buffer'), key.privateKey);
  return Buffer.concat([Buffer.from(`${field}${signature.toString('base64')}\r\n`), raw]);
}

function relaxed(line: string): string {
  const colon = line.indexOf(':');
  return `${line.slice(0, colon).toLowerCase()}:${line.slice(colon + 1).trim()}`;
}

/**
 * The mail with one more ARC set (RFC 8617) on top. `results` is what the sealer says it saw:
 * `mx.example.net; dmarc=pass header.from=example.org`. Give it an RSA key. The set of a mail without one is made with cv=none.
 */
export async function sealMail(
  raw: Buffer,
  key: SigningKey,
  { results, cv = 'none' }: { readonly results: string; readonly cv?: 'none' | 'pass' | 'fail' },
): Promise<Buffer> {
  const seal = {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey,
    authResults: results,
    cv,
  };
  return Buffer.concat([await sealMessage(raw, seal), raw]);
}
