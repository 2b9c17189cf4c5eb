import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeNotice, type NoticeMail } from '../../src/mail/compose.ts';
import { findHeadProblem, firstValue, readHead } from '../../src/mail/headers.ts';
import { readableText } from '../../src/mail/readable-text.ts';
import { renderTrace } from '../../src/mail/trace.ts';

const notice: NoticeMail = {
  from: { name: 'Birds (mailing list)', address: 'birds-request@lists.example.org' },
  to: 'alice@example.com',
  subject: 'Please confirm: join Birds',
  text: 'To join, open\n  https://lists.example.org/c/k3m9q2x7abc4def\n',
  date: Date.UTC(2026, 10, 21, 20, 58),
  messageId: 'one@lists.example.org',
  autoSubmitted: 'auto-generated',
};

it('composes a notice to the byte', () => {
  expect(composeNotice(notice).toString()).toBe(
    [
      'From: "Birds (mailing list)" <birds-request@lists.example.org>',
      'To: alice@example.com',
      'Subject: Please confirm: join Birds',
      'Date: Sat, 21 Nov 2026 20:58:00 +0000',
      'Message-ID: <one@lists.example.org>',
      'Auto-Submitted: auto-generated',
      'X-Auto-Response-Suppress: OOF, AutoReply',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 7bit',
      '',
      'To join, open',
      '  https://lists.example.org/c/k3m9q2x7abc4def',
      '',
    ].join('\r\n'),
  );
});

it('says what it answers, which list it speaks for and where answers go', () => {
  const raw = composeNotice({
    ...notice,
    inReplyTo: 'two@example.com',
    references: ['three@example.com', 'two@example.com'],
    autoSubmitted: 'auto-replied',
    listId: { title: 'Vögel, Nester', id: 'birds.lists.example.org' },
    replyTo: 'birds-owner@lists.example.org',
    extraHeaders: [['X-Birds', 'yes']],
  });
  const head = readHead(raw);
  expect(Object.fromEntries(head.fields.map((field) => [field.name, field.value]))).toMatchObject({
    'in-reply-to': '<two@example.com>',
    references: '<three@example.com> <two@example.com>',
    'auto-submitted': 'auto-replied',
    'list-id': '=?utf-8?Q?V=C3=B6gel=2C_Nester?= <birds.lists.example.org>',
    'reply-to': 'birds-owner@lists.example.org',
    'x-birds': 'yes',
  });
});

it.each([
  ['a header in the subject', { subject: 'Hello\r\nBcc: everybody@example.com' }, /^Bcc:/m],
  ['a header in the name', { from: { name: 'x\r\nBcc: a@b.example', address: 'a@b.example' } }, /^Bcc:/m],
  ['a lone CR in the text', { text: 'a\rb' }, /\r(?!\n)/],
  ['a lone LF in the text', { text: 'a\nb' }, /(?<!\r)\n/],
  ['a NUL in the text', { text: 'a\0b' }, /\0/],
])('takes the harm out of %s', (_, change, harm) => {
  expect(composeNotice({ ...notice, ...change }).toString()).not.toMatch(harm);
});

it.each([
  ['an address', { to: 'a@b.example\r\nBcc: c@d.example' }],
  ['a Message-ID', { messageId: 'a\r\nb' }],
  ['a header value', { extraHeaders: [['X', 'a\r\nb']] as const }],
])('refuses a line end in %s, which only a mistake of ours can bring', (_, change) => {
  expect(() => composeNotice({ ...notice, ...change })).toThrow(RangeError);
});

describe('the text', () => {
  it.each([
    ['typographic marks', '“Birds” – welcome…\n'],
    ['another script', '野鳥の会\n'],
    ['an equals sign and a blank at the end of a line', 'a = b \nc\n'],
    ['a line of 3000 characters', `${'x'.repeat(3000)}\n`],
    ['a line that begins with From', 'From here on\n'],
  ])('survives with %s', (_, text) => {
    const raw = composeNotice({ ...notice, text });
    expect(readableText(raw).replaceAll('\r\n', '\n')).toBe(text);
    expect(raw.toString('latin1')).toMatch(/^[\x20-\x7e\t\r\n]*$/);
  });

  it('survives whatever it is, in lines that any server takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const raw = composeNotice({ ...notice, text: `${text}.` });
        expect(readableText(raw).trimEnd()).toBe(`${text.replace(/\p{Cc}|\p{Cs}/gu, '')}.`);
        expect(
          Math.max(
            ...raw
              .toString('latin1')
              .split('\r\n')
              .map((line) => line.length),
          ),
        ).toBeLessThanOrEqual(998);
        expect(findHeadProblem(raw, readHead(raw))).toBeUndefined();
      }),
    );
  });
});

describe('an attached mail', () => {
  it.each([
    ['7bit', 'From: bob@example.com\r\n\r\nhello\r\n'],
    ['8bit', 'From: bob@example.com\r\n\r\nh\xe9llo\r\n'],
  ])('goes in byte by byte, as %s (RFC 2046 §5.2.1)', (encoding, text) => {
    const attached = Buffer.from(text, 'latin1');
    const raw = composeNotice({ ...notice, attachment: { filename: 'held "mail".eml', raw: attached } });
    expect(raw.includes(attached)).toBe(true);
    expect(firstValue(readHead(raw), 'content-transfer-encoding')).toBe(encoding);
    expect(raw.toString('latin1')).toContain('filename="held-mail-.eml"');
    expect(readableText(raw).trim()).toMatch(/^To join/);
  });

  it('cannot end the part it stands in', () => {
    const boundary = (raw: Buffer) => /boundary="([^"]+)"/.exec(raw.toString('latin1'))?.[1] ?? '';
    const first = boundary(
      composeNotice({ ...notice, attachment: { filename: 'a', raw: Buffer.from('x') } }),
    );
    const hostile = Buffer.from(`--${first}--\r\n`);
    const second = boundary(composeNotice({ ...notice, attachment: { filename: 'a', raw: hostile } }));
    expect(second).not.toBe(first);
  });
});

describe('renderTrace', () => {
  const reception = {
    helo: 'mx.example.com',
    ip: '192.0.2.1',
    hostname: 'lists.example.org',
    protocol: 'smtp',
    tls: true,
    id: 'abc',
    recipient: 'birds@lists.example.org',
    date: notice.date,
  } as const;

  it.each([
    [{}, 'from mx.example.com ([192.0.2.1]) by lists.example.org with ESMTPS'],
    [{ tls: false }, 'from mx.example.com ([192.0.2.1]) by lists.example.org with ESMTP'],
    [{ protocol: 'lmtp', tls: false }, 'from mx.example.com ([192.0.2.1]) by lists.example.org with LMTP'],
    [{ ip: '2001:db8::1' }, 'from mx.example.com ([IPv6:2001:db8::1]) by lists.example.org with ESMTPS'],
    [{ helo: '[192.0.2.1]' }, 'from [192.0.2.1] ([192.0.2.1]) by lists.example.org with ESMTPS'],
    [
      { helo: 'x by evil.example with (\r\nX: y' },
      'from unknown ([192.0.2.1]) by lists.example.org with ESMTPS',
    ],
    [{ helo: '' }, 'from unknown ([192.0.2.1]) by lists.example.org with ESMTPS'],
  ] as const)('for %j says "%s"', (change, start) => {
    expect(renderTrace({ ...reception, ...change })).toBe(
      `${start} id abc for <birds@lists.example.org>; Sat, 21 Nov 2026 20:58:00 +0000`,
    );
  });
});
