import { type DkimKey, type PublishedKey, recordName } from '../domain/dkim-key.ts';
import type { Ask } from './ask.ts';
import { readKeyRecord } from './key-record.ts';

/**
 * What DNS shows where the record of a key of ours should be, as a receiver would read it (RFC 6376 §3.6.1). `servers`: how people know
 * those that are asked.
 */
export async function findPublishedKey(
  key: Pick<DkimKey, 'domain' | 'selector' | 'algorithm' | 'publicKey'>,
  ask: Ask,
  servers = 'the name server',
): Promise<PublishedKey> {
  try {
    const texts = (await ask(recordName(key), 'TXT')).map((strings) => strings.join(''));
    return texts.length === 1 && isThe(key, texts[0] ?? '')
      ? { kind: 'same' }
      : { kind: 'other', found: texts };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'missing' };
    return {
      kind: 'unknown',
      why: `${servers} ${code === 'ETIMEOUT' ? 'gives no answer' : 'answers that it cannot tell'}`,
    };
  }
}

function isThe(
  { domain, algorithm, publicKey }: Pick<DkimKey, 'domain' | 'algorithm' | 'publicKey'>,
  text: string,
) {
  const reading = readKeyRecord(text, { keyKind: algorithm, domain, identityDomain: domain });
  if (reading.kind !== 'key') return false;
  const spki = reading.key.export({ type: 'spki', format: 'der' });
  const published = algorithm === 'ed25519' ? spki.subarray(-32) : spki;
  return published.toString('base64') === publicKey;
}
