import { expect, test } from 'vitest';
import { findPublishedKey } from '../../src/checks/published-key.ts';
import type { DnsErrorCode } from '../../src/dns/resolver.ts';
import { publicHalf } from '../../src/mail/signing-key.ts';
import { makeSigningKey } from '../support/dkim-key.ts';
import { askTable } from '../support/zone-ask.ts';

const [rsa, ed25519, other] = [makeSigningKey('rsa'), makeSigningKey('ed25519'), makeSigningKey('rsa')];
const [p, q, o] = [rsa, ed25519, other].map(({ algorithm, key }) => publicHalf(algorithm, key));

const cases: readonly [string, typeof rsa, readonly (readonly string[])[] | DnsErrorCode, string][] = [
  ['the record that we print', rsa, [[`v=DKIM1; k=rsa; p=${p}`]], 'same'],
  [
    'the same in several strings',
    rsa,
    [[`v=DKIM1; k=rsa; p=${p?.slice(0, 50)}`, p?.slice(50) ?? '']],
    'same',
  ],
  ['the same, written otherwise', rsa, [[`v=DKIM1;p=${p?.slice(0, 50)} ${p?.slice(50)} ; t=y`]], 'same'],
  ['the record of an Ed25519 key', ed25519, [[`v=DKIM1; k=ed25519; p=${q}`]], 'same'],
  ['the key of somebody else', rsa, [[`v=DKIM1; k=rsa; p=${o}`]], 'other'],
  ['a key of the other kind', rsa, [[`v=DKIM1; k=ed25519; p=${q}`]], 'other'],
  ['a withdrawn key', rsa, [['v=DKIM1; k=rsa; p=']], 'other'],
  ['a key that is not for mail', rsa, [[`v=DKIM1; s=tlsrpt; k=rsa; p=${p}`]], 'other'],
  ['a key that was cut off', rsa, [[`v=DKIM1; k=rsa; p=${p?.slice(0, -20)}`]], 'other'],
  ['two records, one of them ours', rsa, [[`v=DKIM1; k=rsa; p=${p}`], [`v=DKIM1; k=rsa; p=${o}`]], 'other'],
  ['something else altogether', rsa, [['v=spf1 -all']], 'other'],
  ['nothing', rsa, 'ENOTFOUND', 'missing'],
  ['nothing of that type', rsa, 'ENODATA', 'missing'],
  ['a server that fails', rsa, 'ESERVFAIL', 'unknown'],
  ['nobody in time', rsa, 'ETIMEOUT', 'unknown'],
];

test.each(cases)('%s', async (_, key, TXT, kind) => {
  const ask = askTable({ [`${key.selector}._domainkey.${key.domain}`]: { TXT } });
  const found = await findPublishedKey({ ...key, publicKey: publicHalf(key.algorithm, key.key) }, ask);
  expect(found.kind).toBe(kind);
});
