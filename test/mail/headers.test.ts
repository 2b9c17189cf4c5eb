import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderHead } from '../../src/mail/edit-head.ts';
import {
  findHeadProblem,
  findHeadProblemInTurns,
  firstValue,
  maxHeadBytes,
  readHead,
} from '../../src/mail/headers.ts';

const mail = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');
const minimal = 'From: alice@example.com\n';

describe('readHead', () => {
  it('reads names in lower case, values unfolded, and keeps every byte', () => {
    const raw = mail('From: alice@example.com\nSubject: nests\n\tand eggs \nX-Raw: \xe9\n\nbody\n');
    const head = readHead(raw);
    expect(head.fields.map(({ name, value }) => [name, value])).toEqual([
      ['from', 'alice@example.com'],
      ['subject', 'nests\tand eggs'],
      ['x-raw', '\xe9'],
    ]);
    expect(head.fields[1]?.raw).toBe('Subject: nests\r\n\tand eggs \r\n');
    expect(raw.subarray(head.bodyStart).toString()).toBe('body\r\n');
  });

  it.each<[string, string, string[], string]>([
    ['nothing at all', '', [], ''],
    ['only an empty line', '\nbody', [], 'body'],
    ['no empty line', 'A: 1\nB: 2\n', ['a', 'b'], ''],
    ['no line end at all', 'A: 1', ['a'], ''],
    ['text where a header should be', 'hello world\n\nbody', [''], 'body'],
    ['a continuation before the first field', ' lost\nA: 1\n\n', ['', 'a'], ''],
    ['an mbox separator on top', 'From alice Thu Sep 12 19:28:23 2024\nA: 1\n\n', ['', 'a'], ''],
    ['white space before the colon (RFC 5322 §4.5)', 'Subject : x\n\n', ['subject'], ''],
    ['a line of white space inside a field', 'A: 1\n \t\n 2\nB: 2\n\nbody', ['a', 'b'], 'body'],
    ['a name with 8-bit bytes', 'S\xfcbject: x\nA: 1\n\n', ['', 'a'], ''],
    ['an empty name', ': x\nA: 1\n\n', ['', 'a'], ''],
  ])('reads %s', (_, text, names, body) => {
    const raw = mail(text);
    const head = readHead(raw);
    expect(head.fields.map((field) => field.name)).toEqual(names);
    expect(raw.subarray(head.bodyStart).toString('latin1')).toBe(body);
  });

  it('reads LF line ends alike', () => {
    const head = readHead(Buffer.from('A: 1\n 2\n\nbody'));
    expect(firstValue(head, 'a')).toBe('1 2');
    expect(head.bodyStart).toBe(9);
  });

  it('keeps the last byte of a UTF-8 character that looks like a no-break space in latin1', () => {
    expect(firstValue(readHead(Buffer.from('Subject: voilà\r\n\r\n')), 'subject')).toBe('voil\xc3\xa0');
  });

  it('never loses or changes a byte, whatever the bytes are', () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', ':', 'From', 'a', '\0', '\xe9', '\r\n\r\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const raw = Buffer.from(pieces.join(''), 'latin1');
        const head = readHead(raw);
        expect(Buffer.concat([renderHead(head), raw.subarray(head.end)]).equals(raw)).toBe(true);
        expect(head.bodyStart).toBeGreaterThanOrEqual(head.end);
      }),
    );
  });

  it.each([
    ['a megabyte in one field', `A: ${'x'.repeat(1e6)}\n\n`],
    ['a megabyte of blanks before a colon', `A${' '.repeat(1e6)}: x\n\n`],
    ['a megabyte of folded blanks', `A: ${' \n '.repeat(250_000)}x\n\n`],
    ['200,000 fields', 'A: b\n'.repeat(200_000)],
  ])('takes linear time for %s', (_, text) => {
    const raw = mail(text);
    const started = performance.now();
    const head = readHead(raw);
    expect(performance.now() - started).toBeLessThan(300);
    expect(renderHead(head).length).toBe(head.end);
  });
});

describe('findHeadProblemInTurns', () => {
  const filling = Buffer.alloc(1 << 20, 'text\r\n');
  const start = 'From: a@b.example\r\n\r\n';

  it.each([
    ['nothing', ''],
    ['a NUL byte', '\0'],
    ['a bare LF', 'a\nb'],
    ['a bare CR', 'a\rb'],
    ['each of them', 'a\rb\nc\0'],
  ])('finds the same as in one go, wherever the pieces of a large mail begin: %s', async (_, text) => {
    for (let at = 0; at <= text.length + 2; at++) {
      const before = filling.subarray(0, filling.length - start.length - at);
      const raw = Buffer.concat([Buffer.from(start), before, Buffer.from(text, 'latin1'), filling]);
      const mended = Buffer.concat([raw.subarray(0, -1), Buffer.from('x')]);
      for (const each of [raw, mended]) {
        const head = readHead(each);
        expect(await findHeadProblemInTurns(each, head)).toEqual(findHeadProblem(each, head));
      }
    }
  });

  it('looks at a head that is too much for it, and at its fields, too', async () => {
    for (const text of ['Subject: x\n\n', `${minimal}${minimal}\n`, `${'X: y\n'.repeat(1001)}\n`]) {
      const [raw, head] = [mail(text), readHead(mail(text))];
      expect(await findHeadProblemInTurns(raw, head)).toEqual(findHeadProblem(raw, head));
    }
  });
});

describe('findHeadProblem', () => {
  const problemOf = (raw: Buffer) => findHeadProblem(raw, readHead(raw));

  it.each([
    ['the least a mail can be', minimal],
    ['a header block without a body', `${minimal}Subject: x\n`],
    ['8-bit bytes', `${minimal}Subject: \xe9\n\n\xff\n`],
    ['exactly 30 hops', `${'Received: x\n'.repeat(30)}${minimal}\n`],
    ['exactly 1000 fields', `${'X: y\n'.repeat(999)}${minimal}\n`],
    ['several fields that may be many', `${minimal}Received: a\nReceived: b\nComments: a\nComments: b\n\n`],
  ])('lets through %s', (_, text) => {
    expect(problemOf(mail(text))).toBeUndefined();
  });

  it.each([
    ['no From field', 'Subject: x\n\n', '5.6.0', /no From/],
    ['a From field without an address', 'From: Alice\n\n', '5.6.0', /no From/],
    ['no header block', '\nhello', '5.6.0', /no From/],
    ['two From fields', `${minimal}${minimal}\n`, '5.6.0', /2 from fields/],
    ['two Subject fields', `${minimal}Subject: a\nSUBJECT: b\n\n`, '5.6.0', /2 subject fields/],
    ['two Date fields', `${minimal}Date: a\nDate: b\n\n`, '5.6.0', /2 date fields/],
    ['two Message-ID fields', `${minimal}Message-Id: <a@b>\nMessage-ID: <c@d>\n\n`, '5.6.0', /message-id/],
    ['two To fields', `${minimal}To: a@b.example\nTo : c@d.example\n\n`, '5.6.0', /2 to fields/],
    ['two Cc fields', `${minimal}Cc: a@b.example\nCc: c@d.example\n\n`, '5.6.0', /2 cc fields/],
    ['two Reply-To fields', `${minimal}Reply-To: a@b.c\nReply-To: c@d.e\n\n`, '5.6.0', /2 reply-to fields/],
    ['1001 fields', `${'X: y\n'.repeat(1000)}${minimal}\n`, '5.6.0', /1000 fields/],
    ['31 hops', `${'Received: x\n'.repeat(31)}${minimal}\n`, '5.4.6', /loop/],
    ['a NUL byte in the head', `${minimal}X: \0\n\n`, '5.6.0', /NUL/],
    ['a NUL byte in the body', `${minimal}\n\0`, '5.6.0', /NUL/],
  ])('refuses %s', (_, text, enhanced, why) => {
    const problem = problemOf(mail(text));
    expect(problem).toMatchObject({ enhanced, why: expect.stringMatching(why) });
    expect(problem?.code).toBe(enhanced === '5.4.6' ? 554 : 550);
  });

  it.each([
    ['LF', 'a\nb', /LF without CR/],
    ['CR', 'a\rb', /CR without LF/],
    ['CR as the last byte', 'a\r', /CR without LF/],
    ['the end-of-data sequence that smugglers send', 'a\n.\r\nMAIL FROM:<x>', /LF without CR/],
  ])('refuses a bare %s in the body', (_, body, why) => {
    const problem = problemOf(Buffer.from(`From: a@b.example\r\n\r\n${body}`));
    expect(problem).toMatchObject({ code: 550, enhanced: '5.5.2', why: expect.stringMatching(why) });
  });

  it('takes a header block of exactly 256 KiB and refuses one byte more', () => {
    const head = (bytes: number) => {
      const start = 'From: a@b.example\r\nX: ';
      return Buffer.from(`${start}${'y'.repeat(bytes - start.length - 2)}\r\n\r\nbody\r\n`);
    };
    expect(problemOf(head(maxHeadBytes))).toBeUndefined();
    expect(problemOf(head(maxHeadBytes + 1))).toMatchObject({ code: 550, enhanced: '5.6.0' });
  });
});
