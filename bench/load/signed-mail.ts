import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Zones } from '../../test/support/name-server.ts';
import { makeMail } from './mail.ts';

/** RSA-2048, as most of the world signs. */
export interface Signer {
  readonly domain: string;
  readonly key: KeyObject;
  /** What DNS has to say: the key, SPF for this machine, DMARC. */
  readonly zones: Zones;
}

export function makeSigner(domain: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    domain,
    key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    zones: {
      [`k1._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=rsa; p=${published}`] },
      [domain]: { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
      [`_dmarc.${domain}`]: { TXT: ['v=DMARC1; p=reject'] },
    },
  };
}

/** Posts of the shape of load/mail.ts with a DKIM signature (RFC 6376, simple/simple: their lines are canonical as they are). */
export function makeSignedMails(
  count: number,
  { from, to, bytes, signer }: { from: string; to: string; bytes: number; signer: Signer },
): Buffer[] {
  return Array.from({ length: count }, () => signed(makeMail({ from, to, bytes }), signer));
}

const fields = ['From', 'To', 'Subject', 'Date', 'Message-ID'];

function signed(mail: Buffer, { domain, key }: Signer): Buffer {
  const end = mail.indexOf('\r\n\r\n');
  const body = mail.subarray(end + 4);
  const lines = mail.toString('latin1', 0, end).split('\r\n');
  const hash = createHash('sha256').update(body).digest('base64');
  const unsigned = `DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=${domain}; s=k1; h=${fields.join(':')}; bh=${hash}; b=`;
  const covered = fields.map((name) => `${lines.find((line) => line.startsWith(`${name}: `))}\r\n`);
  const signature = sign('sha256', Buffer.from(covered.join('') + unsigned, 'latin1'), key).toString(
    'base64',
  );
  return Buffer.concat([Buffer.from(`${unsigned}${signature}\r\n`), mail]);
}
