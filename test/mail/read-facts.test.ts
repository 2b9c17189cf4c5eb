import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';

const read = (fields: string, body = 'body\r\n') => {
  const raw = Buffer.from(`${fields.replaceAll('\n', '\r\n')}\r\n\r\n${body}`);
  return readFacts(raw, readHead(raw), 'lists.example.org');
};

it('reads everything a post says of itself', () => {
  const fields = `Received: from a by b
Received: from c by a
From: =?utf-8?Q?Zo=C3=AB?= <Zoe@Example.com>
To: Birds <birds@lists.example.org>, root@localhost
Cc: bob@example.com
Resent-To: owls@lists.example.org
Subject: =?utf-8?Q?V=C3=B6gel?=
Date: Thu, 12 Sep 2024 19:28:23 +0200
Message-ID: <one@example.com>
In-Reply-To: <two@example.com>
References: <three@example.com>
 <two@example.com>
Thread-Index: AQHZq0z1y8e4n2m5fE2H7w5D2k9hJg==
List-Id: Other Birds <Birds.Other.Example>
X-BeenThere: birds@other.example
List-Post: <mailto:Birds@other.example?subject=x>
Precedence: List`;
  const raw = Buffer.from(`${fields.replaceAll('\n', '\r\n')}\r\n\r\nbody\r\n`);
  expect(readFacts(raw, readHead(raw), 'lists.example.org')).toEqual({
    bytes: raw.length,
    sha256: createHash('sha256').update(raw).digest(),
    bodySha256: createHash('sha256').update('body\r\n').digest('hex'),
    messageId: 'one@example.com',
    author: { email: 'zoe@example.com', name: 'Zoë' },
    subject: 'Vögel',
    sentAt: Date.UTC(2024, 8, 12, 17, 28, 23),
    inReplyTo: ['two@example.com'],
    references: ['three@example.com', 'two@example.com'],
    threadIndex: '0101d9ab4cf5cbc7b89f69b97c4d87ef0e43da4f6126',
    unanswerable: 'List-Id: Other Birds <Birds.Other.Example>',
    vacation: false,
    report: false,
    listIds: ['birds.other.example'],
    beenAt: ['birds@other.example'],
    precedence: 'list',
    hops: 2,
    addressed: ['birds@lists.example.org', 'bob@example.com', 'owls@lists.example.org'],
    addressedCount: 3,
  });
});

it('has the least to say of an empty mail', () => {
  const facts = readFacts(Buffer.alloc(0), readHead(Buffer.alloc(0)), 'lists.example.org');
  expect(facts).toMatchObject({
    bytes: 0,
    subject: '',
    inReplyTo: [],
    references: [],
    listIds: [],
    hops: 0,
    addressedCount: 0,
  });
  expect(facts).not.toHaveProperty('author');
  expect(facts).not.toHaveProperty('sentAt');
});

describe('the Message-ID', () => {
  it.each([
    ['in angle brackets', '<a@b.example>', 'a@b.example'],
    ['without them', 'a@b.example', 'a@b.example'],
    ['folded inside', '<a\n @b.example>', 'a@b.example'],
    ['with a comment behind it', '<a@b.example> (added by relay)', 'a@b.example'],
    ['without an at sign', '<nests>', 'nests'],
    ['of exactly 250 octets', `<${'a'.repeat(250)}>`, 'a'.repeat(250)],
  ])('is taken %s', (_, value, messageId) => {
    expect(read(`Message-ID: ${value}`).messageId).toBe(messageId);
  });

  it.each([
    ['missing', 'X: y'],
    ['empty', 'Message-ID: <>'],
    ['of 251 octets', `Message-ID: <${'a'.repeat(251)}>`],
    ['outside ASCII', 'Message-ID: <é@b.example>'],
    ['with a control character', 'Message-ID: <a\x01@b.example>'],
    ['with brackets inside', 'Message-ID: <a<b>@c.example>'],
  ])('is made from the hash of the mail when it is %s', (_, field) => {
    expect(read(field).messageId).toMatch(/^[0-9a-f]{40}@lists\.example\.org$/);
    expect(read(field).messageId).toBe(read(field).messageId);
    expect(read(field, 'other').messageId).not.toBe(read(field).messageId);
  });
});

describe('References', () => {
  it.each([
    ['among words', 'Your mail of Monday <a@b> and <c@d>.', ['a@b', 'c@d']],
    ['without a space between', '<a@b><c@d>', ['a@b', 'c@d']],
    ['twice', '<a@b> <a@b>', ['a@b']],
    ['broken by white space', '<a @b> <c@d>', ['c@d']],
    ['without an end', '<c@d> <a@b', ['c@d']],
    ['nested', '<<a@b>>', ['a@b']],
    ['without an at sign', '<ab> <c@d>', ['c@d']],
  ])('are read %s', (_, value, ids) => {
    expect(read(`References: ${value}`).references).toEqual(ids);
    expect(read(`In-Reply-To: ${value}`).inReplyTo).toEqual(ids);
  });

  it('keep of more than 200 the first and the last hundred', () => {
    const all = Array.from({ length: 5000 }, (_, i) => `id-${i}@example.com`);
    const { references } = read(`References: ${all.map((id) => `<${id}>`).join('\n ')}`);
    expect(references).toHaveLength(200);
    expect([references[0], references[99], references[100], references[199]]).toEqual([
      'id-0@example.com',
      'id-99@example.com',
      'id-4900@example.com',
      'id-4999@example.com',
    ]);
  });
});

describe('a delivery report', () => {
  it.each([
    'Content-Type: multipart/report; report-type=delivery-status; boundary=x',
    'From: Mail Delivery System <MAILER-DAEMON@mx.example.com>',
    'From: MAILER-DAEMON (Mail Delivery System)',
  ])('is known by "%s"', (field) => {
    expect(read(field).report).toBe(true);
  });

  it('is not suspected in a mail about one', () => {
    expect(read('From: bob@example.com\nSubject: mailer-daemon').report).toBe(false);
  });
});

it('knows the same conversation of Outlook by the first 22 bytes', () => {
  const start = Buffer.alloc(22, 7).toString('base64');
  const reply = Buffer.alloc(32, 7).toString('base64');
  expect(read(`Thread-Index: ${reply}`).threadIndex).toBe(read(`Thread-Index: ${start}`).threadIndex);
  expect(read('Thread-Index: AQHZ').threadIndex).toBeUndefined();
});

it('cuts a subject at 1000 characters', () => {
  expect(read(`Subject: ${'x'.repeat(3000)}`).subject).toHaveLength(1000);
});

it('never throws, whatever the header says', () => {
  const name = fc.constantFrom(
    'From',
    'To',
    'Date',
    'Message-ID',
    'References',
    'List-Id',
    'X-Loop',
    'Thread-Index',
  );
  const field = fc
    .tuple(name, fc.string({ unit: 'binary', maxLength: 80 }))
    .map(([n, value]) => `${n}: ${value}`);
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
      expect(read(fields.join('\n')).hops).toBe(0);
    }),
  );
});

it.each(['<', '<a@b>', '<a', '(', '"', 'a@b.example,', '=?utf-8?q?a?= ', ' ', '\\', ';'])(
  'takes linear time for fields full of %j',
  (piece) => {
    const value = piece.repeat(Math.ceil(120_000 / piece.length));
    const names = ['From', 'To', 'Subject', 'References', 'Date', 'List-Id', 'X-Loop', 'Message-ID'];
    for (const name of names) {
      const raw = Buffer.from(`${name}: ${value}\r\n\r\n`);
      const started = performance.now();
      readFacts(raw, readHead(raw), 'lists.example.org');
      expect(performance.now() - started).toBeLessThan(250);
    }
  },
);
