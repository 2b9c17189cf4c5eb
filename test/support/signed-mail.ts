import { generateKeyPairSync } from 'node:crypto';
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
