import { expect, test } from 'vitest';
import type { Authentication, DkimResult } from '../../src/domain/authentication.ts';
import { readHead } from '../../src/mail/headers.ts';
import { compareSignatures, type SignedParts } from '../../src/rewrite/surviving-signatures.ts';
import { writeMail } from '../support/signed-mail.ts';

const oversigned = 'from:from:to:cc:subject:subject:date:message-id:reply-to:sender';

/** Nothing verifies it here: what counts is what it says that it covers. */
const sign = (raw: Buffer, { h = oversigned, c = 'relaxed/relaxed', d = 'example.com', l = '' } = {}) =>
  Buffer.concat([
    Buffer.from(
      `DKIM-Signature: v=1; a=rsa-sha256; c=${c}; d=${d}; s=s1;${l}\r\n\th=${h};\r\n\tbh=abc=; b=Zm9v\r\n`,
    ),
    raw,
  ]);
const plain = () =>
  writeMail({ from: 'Alice <alice@example.com>', to: 'birds@lists.example.org', text: 'Two eggs. \n\n' });

function partsOf(raw: Buffer) {
  const head = readHead(raw);
  return { head, body: raw.subarray(head.bodyStart) };
}

const found = (dkim: DkimResult[], by: Authentication['by'] = { kind: 'ourselves' }): Authentication => ({
  by,
  spf: { result: 'none', domain: '' },
  dkim,
  dmarc: { result: 'pass', domain: 'example.com', policy: 'reject', aligned: { spf: false, dkim: true } },
  arc: { result: 'none', dmarcPassed: false },
});
const passed: DkimResult = { result: 'pass', domain: 'example.com', selector: 's1', aligned: true };

const now = Date.UTC(2026, 10, 21);
const toCome = ['list-unsubscribe', 'dkim-signature'];
const compare = (before: SignedParts, after: SignedParts, authentication: Authentication | undefined) =>
  compareSignatures(before, after, { authentication, at: now, toCome });

type Edit = (mail: string) => string;

test.each<[string, { h?: string; c?: string }, Edit, boolean]>([
  ['nothing', {}, (mail) => mail, true],
  ['list fields and a trace on top', {}, (mail) => `List-Id: <x.y>\r\nReceived: by a\r\n${mail}`, true],
  ['a field that was signed as absent', {}, (mail) => `Reply-To: x@y.example\r\n${mail}`, false],
  [
    'the same, where nobody signed its absence',
    { h: 'from:subject' },
    (mail) => `Reply-To: x@y.example\r\n${mail}`,
    true,
  ],
  ['the subject', {}, (mail) => mail.replace('Subject: ', 'Subject: [Birds] '), false],
  [
    'the subject, where it is not covered',
    { h: 'from' },
    (mail) => mail.replace('Subject: ', 'Subject: [Birds] '),
    true,
  ],
  [
    'a second subject on top, which is not the one that is signed',
    { h: 'from:subject' },
    (mail) => `Subject: x\r\n${mail}`,
    true,
  ],
  [
    'nothing, but a field will come that was signed as absent',
    { h: 'from:list-unsubscribe' },
    (mail) => mail,
    false,
  ],
  ['white space of a header, relaxed', {}, (mail) => mail.replace('Subject: ', 'subject:\t\t'), true],
  [
    'white space of a header, simple',
    { c: 'simple/simple' },
    (mail) => mail.replace('Subject: ', 'Subject:  '),
    false,
  ],
  ['the text', {}, (mail) => `${mail}-- \r\nBirds\r\n`, false],
  ['empty lines at the end', {}, (mail) => `${mail}\r\n\r\n`, true],
  ['white space in the text, relaxed', {}, (mail) => mail.replace('eggs. ', 'eggs.\t\t'), true],
  [
    'white space in the text, simple',
    { c: 'relaxed/simple' },
    (mail) => mail.replace('eggs. ', 'eggs.'),
    false,
  ],
])('a signature, when what changes is %s', (_, how, edit, survives) => {
  const raw = sign(plain(), how);
  const after = Buffer.from(edit(raw.toString('latin1')), 'latin1');
  const [compared] = compare(partsOf(raw), partsOf(after), found([passed]));
  expect(compared).toMatchObject({ domain: 'example.com', selector: 's1', provesAuthor: true, survives });
});

test('a signature over the beginning of the text does not mind what follows it', () => {
  const raw = sign(plain(), { l: ' l=9;' });
  const after = Buffer.concat([raw, Buffer.from('more\r\n')]);
  expect(compare(partsOf(raw), partsOf(after), found([passed]))[0]?.survives).toBe(true);
});

test('of several over the beginning those survive whose part is the same, however many octets each has', () => {
  const lengths = [0, 8, 9, 10, 13, 14, 100];
  const signed = lengths.reduceRight((raw, l) => sign(raw, { l: ` l=${l};` }), plain());
  const text = (body: string) =>
    Buffer.concat([signed.subarray(0, partsOf(signed).head.bodyStart), Buffer.from(body)]);
  const survivors = (before: string, after: string) => {
    const compared = compare(partsOf(text(before)), partsOf(text(after)), undefined);
    return lengths.filter((_, i) => compared[i]?.survives);
  };
  expect(survivors('Two eggs.\r\n', 'Two eggs!\r\n')).toEqual([0, 8]);
  expect(survivors('Two eggs.\r\n', 'Two eggs.\r\nmore\r\n')).toEqual([0, 8, 9, 10]);
  expect(survivors('Two eggs.\r\nmore\r\n', 'Two eggs.\r\n')).toEqual([0, 8, 9, 10]);
  expect(survivors('Two  eggs.\r\n', 'Two eggs. \r\n\r\n')).toEqual(lengths);
});

test.each([
  ['in two days survives', 2 * 86_400, true],
  ['within the day does not', 80_000, false],
  ['before that does not', -1, false],
])('a signature that expires %s', (_, seconds, survives) => {
  const mail = partsOf(sign(plain(), { l: ` x=${now / 1000 + seconds};` }));
  expect(compare(mail, mail, found([passed]))[0]?.survives).toBe(survives);
});

const front: Authentication['by'] = { kind: 'front-mta', authservId: 'mx.example.net' };
const failed: DkimResult = { ...passed, result: 'fail' };
test.each<[string, Authentication | undefined, boolean]>([
  ['that held and speaks for the author', found([passed]), true],
  ['that did not hold', found([failed]), false],
  ['of somebody else', found([{ ...passed, aligned: false }]), false],
  ['that nobody checked', undefined, false],
  ['of which we know another number of results', found([passed, passed]), false],
  ['that a server in front names', found([failed, passed].slice(1), front), true],
  ['that a server in front names without its selector', found([{ ...passed, selector: '' }], front), true],
  ['that a server in front does not name', found([{ ...passed, selector: 'other' }], front), false],
  ['one of two of a name, and one of them was bad', found([failed, passed], front), false],
])('a signature %s', (_, authentication, proves) => {
  const mail = partsOf(sign(plain()));
  expect(compare(mail, mail, authentication)[0]?.provesAuthor).toBe(proves);
});

test('each of several has its own result; one that nobody can read is left out; too many are left alone', () => {
  const twice = sign(sign(plain(), { d: 'other.example' }));
  const bad = Buffer.concat([Buffer.from('DKIM-Signature: v=2; nonsense\r\n'), twice]);
  const results = [
    { ...failed, domain: '', selector: '' },
    passed,
    { ...passed, domain: 'other.example', aligned: false },
  ];
  const compared = compare(partsOf(bad), partsOf(bad), found(results));
  expect(compared.map(({ domain, provesAuthor }) => [domain, provesAuthor])).toEqual([
    ['example.com', true],
    ['other.example', false],
  ]);
  const many = Buffer.concat([...Array(10).fill(Buffer.from('DKIM-Signature: v=2\r\n')), twice]);
  expect(compare(partsOf(many), partsOf(many), undefined)).toEqual([]);
});

test('a signature that covers others falls with one of them', () => {
  const inner = sign(plain(), { h: 'from:subject' });
  const raw = sign(inner, { h: 'from:dkim-signature', d: 'other.example' });
  const after = Buffer.from(raw.toString('latin1').replace('Subject: ', 'Subject: [Birds] '), 'latin1');
  const survivors = (now: Buffer) =>
    compare(partsOf(raw), partsOf(now), undefined).map(({ survives }) => survives);
  expect([survivors(raw), survivors(after)]).toEqual([
    [true, true],
    [false, false],
  ]);
});
