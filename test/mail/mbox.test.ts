import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ArchivedMail, largestMail, mboxEntry, readMbox } from '../../src/mail/mbox.ts';

const from = 'From alice@example.org Thu Sep 12 19:28:23 2024\n';

/** Fed in pieces of that many bytes, as a stream may cut them anywhere. */
async function read(text: string | Buffer, piece = 7): Promise<ArchivedMail[]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const mails: ArchivedMail[] = [];
  for await (const mail of readMbox(pieces())) mails.push(mail);
  return mails;
}

async function texts(text: string | Buffer, piece?: number): Promise<string[]> {
  return (await read(text, piece)).map((mail) =>
    mail.kind === 'mail' ? mail.raw.toString('latin1') : mail.why,
  );
}

describe('reading an mbox', () => {
  test.each([
    ['one message', `${from}Subject: a\n\nbody\n`, ['Subject: a\r\n\r\nbody\r\n']],
    [
      'two messages',
      `${from}S: a\n\none\n\n${from}S: b\n\ntwo\n`,
      ['S: a\r\n\r\none\r\n', 'S: b\r\n\r\ntwo\r\n'],
    ],
    [
      'no empty line between them',
      `${from}S: a\n\none\n${from}S: b\n\ntwo\n`,
      ['S: a\r\n\r\none\r\n', 'S: b\r\n\r\ntwo\r\n'],
    ],
    [
      'CRLF line ends',
      `${from}S: a\n\none\n\n${from}S: b\n\n\n`.replaceAll('\n', '\r\n'),
      ['S: a\r\n\r\none\r\n', 'S: b\r\n\r\n'],
    ],
    [
      'quoting is undone once',
      `${from}S: a\n\n>From me\n>>From you\n> From\n`,
      ['S: a\r\n\r\nFrom me\r\n>From you\r\n> From\r\n'],
    ],
    [
      'a From line in the text without a date',
      `${from}S: a\n\n\nFrom: nowhere\nFrom here on\nX: y\n`,
      ['S: a\r\n\r\n\r\nFrom: nowhere\r\nFrom here on\r\nX: y\r\n'],
    ],
    [
      'one with a date but no header below it',
      `${from}S: a\n\nFrom Monday at 10:30 on 12 Sep 2024\nwe meet\n`,
      ['S: a\r\n\r\nFrom Monday at 10:30 on 12 Sep 2024\r\nwe meet\r\n'],
    ],
    [
      'the beginning of 1970 is a date',
      'From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nS: a\n\nx\n',
      ['S: a\r\n\r\nx\r\n'],
    ],
    [
      'an address that hides from harvesters',
      'From alice at example.org  Thu Sep 12 19:28:23 2024\nS: a\n\nx\n',
      ['S: a\r\n\r\nx\r\n'],
    ],
    ['no line end at the end of the file', `${from}S: a\n\nbody`, ['S: a\r\n\r\nbody']],
    ['a message without a body', `${from}S: a\n\n\n${from}S: b\n\n\n`, ['S: a\r\n\r\n', 'S: b\r\n\r\n']],
    ['an empty file', '', []],
    ['something else', 'PK\x03\x04', ['the file does not begin like an mbox']],
  ])('%s', async (_, mbox, expected) => {
    expect(await texts(mbox)).toEqual(expected);
    expect(await texts(mbox, 1)).toEqual(expected);
    expect(await texts(mbox, 1_000_000)).toEqual(expected);
  });

  test('a Content-Length is believed where it leads to the next message', async () => {
    const body = `look:\n${from}Subject: quoted\n\nend\n`;
    const first = `Subject: a\nContent-Length: ${body.length}\n\n${body}`;
    expect(await texts(`${from}${first}\n${from}Subject: b\n\nx\n`)).toEqual([
      first.replaceAll('\n', '\r\n'),
      'Subject: b\r\n\r\nx\r\n',
    ]);
  });

  test.each([1, 20, 9_999, 100_000_000])(
    'a Content-Length of %s that leads nowhere is not',
    async (length) => {
      const mbox = `${from}Subject: a\nContent-Length: ${length}\n\none two three four\n\n${from}Subject: b\n\nx\n`;
      expect((await texts(mbox))[1]).toBe('Subject: b\r\n\r\nx\r\n');
    },
  );

  // It is believed far enough to bring the whole file in; each message behind it was then searched for through all of that: a minute.
  test('a Content-Length that leads nowhere does not make the rest slow', { timeout: 10_000 }, async () => {
    const others = 8_000;
    const rest = `${from}Subject: b\n\n${'x\n'.repeat(300)}`.repeat(others);
    const mails = await read(`${from}Subject: a\nContent-Length: 60000000\n\nx\n${rest}`, 1 << 16);
    expect(mails).toHaveLength(1 + others);
  });

  test('tells where each message begins and when it was received', async () => {
    const mails = await read(`${from}S: a\n\none\n\n${from}S: b\n\ntwo\n`);
    expect(mails.map((mail) => mail.position)).toEqual(['0', '59']);
    expect(mails[0]).toMatchObject({ receivedAt: Date.UTC(2024, 8, 12, 19, 28, 23) });
  });

  test('a message over the limit is reported and passed over', async () => {
    const huge = Buffer.concat([
      Buffer.from(`${from}S: a\n\n`),
      Buffer.alloc(largestMail + 1, 'x'),
      Buffer.from(`\n\n${from}S: b\n\ntwo\n`),
    ]);
    for (const piece of [1 << 20, huge.length]) {
      const mails = (await read(huge, piece)).map((mail) =>
        mail.kind === 'mail' ? mail.raw.length : mail.why,
      );
      expect(mails).toEqual([`the message is larger than ${largestMail} bytes`, 13]);
    }
  });

  test('any bytes are read without an error', async () => {
    const bytes = fc.array(
      fc.constantFrom(from, 'From ', '\n', '\r\n', 'S: a\n', '>', 'Content-Length: 5\n', '\0', 'é'),
      {
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.integer({ min: 1, max: 50 }),
        async (parts, piece) => void (await read(parts.join(''), piece)),
      ),
    );
  });
});

test('what is written is read back byte for byte', async () => {
  const line = fc.constantFrom(
    'From here',
    '>From there',
    'text',
    '',
    from.trim(),
    'S: x',
    '>>From',
    ' From',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(line), { minLength: 1, maxLength: 4 }), async (bodies) => {
      const mails = bodies.map((lines) => `Subject: a\r\n\r\n${lines.map((l) => `${l}\r\n`).join('')}`);
      const mbox = Buffer.concat(
        mails.map((mail) =>
          mboxEntry(Buffer.from(mail), { from: 'alice@example.org', at: 1_726_169_303_000 }),
        ),
      );
      expect(await texts(mbox)).toEqual(mails);
    }),
  );
});

test('an entry begins with a date that other programs read', () => {
  const entry = mboxEntry(Buffer.from('S: a\r\n\r\n'), { from: '', at: Date.UTC(2024, 8, 2, 3, 4, 5) });
  expect(entry.toString()).toBe('From MAILER-DAEMON Mon Sep  2 03:04:05 2024\nS: a\n\n\n');
});
