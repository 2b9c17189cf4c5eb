import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyFailure } from '../../src/domain/failure-class.ts';
import { readReport } from '../../src/mail/read-report.ts';

const mail = (lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n`);

/** A report with these fields of recipients, each group after a blank line. */
const dsn = (groups: readonly (readonly string[])[], type = 'message/delivery-status') =>
  mail([
    'From: MAILER-DAEMON@mx.example.com',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    '',
    'Your mail did not arrive.',
    '--b',
    `Content-Type: ${type}`,
    '',
    'Reporting-MTA: dns; mx.example.com',
    ...groups.flatMap((group) => ['', ...group]),
    '--b',
    'Content-Type: message/rfc822',
    '',
    'Subject: spam 5.7.1 Mailbox full',
    '',
    'Final-Recipient: rfc822; victim@example.net',
    '--b--',
  ]);

/** A notice in the words of some program. */
const notice = (
  lines: readonly string[],
  from = 'MAILER-DAEMON@mx.example.com',
  subject = 'failure notice',
) => mail([`From: ${from}`, `Subject: ${subject}`, '', ...lines]);

/** `gone bo@example.com`, or why it is none. */
function summary(raw: Buffer): string[] {
  const report = readReport(raw);
  if (report.kind !== 'delivery') return [report.kind === 'nothing' ? report.why : report.kind];
  return report.recipients.map(({ addresses, action, status, said, stage }) => {
    const what = action === 'failed' ? classifyFailure({ status, text: said, stage }) : action;
    return `${what} ${addresses.join(' ')}`.trim();
  });
}

describe('a delivery report (RFC 3464)', () => {
  const failed = ['Final-Recipient: rfc822; bo@example.com', 'Action: failed', 'Status: 5.1.1'];
  it.each<[string, Buffer, readonly string[]]>([
    ['of one recipient', dsn([failed]), ['gone bo@example.com']],
    [
      'of two',
      dsn([failed, ['Final-Recipient: rfc822;al@example.com', 'Action: failed', 'Status: 5.2.2 (full)']]),
      ['gone bo@example.com', 'full al@example.com'],
    ],
    [
      'without the blank lines between them',
      dsn([[...failed, 'Final-Recipient: rfc822;al@example.com', 'Action: failed', 'Status: 5.2.2']]),
      ['gone bo@example.com', 'full al@example.com'],
    ],
    [
      'with the address that our envelope had',
      dsn([
        [
          'Original-Recipient: rfc822;bo@example.com',
          'Final-Recipient: rfc822; <b@x.example>',
          'Action: failed',
        ],
      ]),
      ['unknown bo@example.com b@x.example'],
    ],
    [
      'whose diagnosis tells more than its status',
      dsn([
        [
          'Final-Recipient: rfc822;bo@example.com',
          'Action: failed',
          'Status: 5.0.0',
          'Diagnostic-Code: smtp;',
          ' 552 5.2.2 full',
        ],
      ]),
      ['full bo@example.com'],
    ],
    [
      'for an address beyond ASCII (RFC 6533)',
      dsn(
        [['Final-Recipient: utf-8; bo@example.com', 'Action: failed', 'Status: 5.1.6']],
        'message/global-delivery-status',
      ),
      ['gone bo@example.com'],
    ],
    [
      'of a delay',
      dsn([['Final-Recipient: rfc822;bo@example.com', 'Action: delayed (still trying)', 'Status: 4.4.1']]),
      ['delayed bo@example.com'],
    ],
    [
      'of a success',
      dsn([['Final-Recipient: rfc822;bo@example.com', 'Action: delivered', 'Status: 2.0.0']]),
      ['delivered bo@example.com'],
    ],
    [
      'of a relay',
      dsn([['Final-Recipient: rfc822;bo@example.com', 'Action: relayed', 'Status: 2.0.0']]),
      ['relayed bo@example.com'],
    ],
    [
      'without an action',
      dsn([['Final-Recipient: rfc822;bo@example.com', 'Status: 5.1.1']]),
      ['gone bo@example.com'],
    ],
  ])('%s', (_, raw, expected) => {
    expect(summary(raw)).toEqual(expected);
  });

  it('says nothing by what is inside the mail that it brings back', () => {
    const report = readReport(dsn([failed]));
    expect(JSON.stringify(report)).not.toContain('victim');
  });
});

describe('a notice in words', () => {
  it.each<[string, Buffer, readonly string[]]>([
    [
      'of qmail',
      notice([
        '<bo@example.com>:',
        'Sorry, no mailbox here by that name. (#5.1.1)',
        '',
        '--- Below this line is a copy of the message.',
        '',
        'spam',
      ]),
      ['gone bo@example.com'],
    ],
    [
      'of Exim, marked as an automatic reply',
      mail([
        'From: Mail Delivery System <Mailer-Daemon@mx.example.com>',
        'Auto-Submitted: auto-replied',
        'X-Failed-Recipients: bo@example.com',
        'Subject: Mail delivery failed: returning message to sender',
        '',
        '  bo@example.com',
        '    SMTP error from remote mail server after RCPT TO:<bo@example.com>:',
        '    550 No such user here',
        '',
        '------ This is a copy of the message, including all the headers. ------',
        '',
        'over quota',
      ]),
      ['gone bo@example.com'],
    ],
    [
      'about two people, each with words of their own',
      notice(['<bo@example.com>:', '550 5.1.1 unknown', '', '<al@example.com>:', '552 5.2.2 over quota']),
      ['gone bo@example.com', 'full al@example.com'],
    ],
    ['that names nobody', notice(['Your message could not be delivered: the mailbox is full.']), ['full']],
    [
      'that only warns',
      notice(
        [
          'This is a warning message only.',
          'You do not need to resend your message.',
          '<bo@example.com>: 450 4.2.0 later',
        ],
        undefined,
        'Warning: could not send message for past 4 hours',
      ),
      ['delayed bo@example.com'],
    ],
    [
      'in German',
      notice(
        ['Ihre Nachricht konnte nicht zugestellt werden: Postfach ist voll'],
        'postmaster@example.de',
        'Unzustellbar: Nester',
      ),
      ['full'],
    ],
    [
      'of a person, who quotes one',
      mail([
        'From: bo@example.com',
        'Subject: Re: Nests',
        '',
        'What does this mean?',
        '> 550 5.1.1 No such user',
      ]),
      ['no report'],
    ],
    [
      'of a vacation program',
      mail([
        'From: bo@example.com',
        'Subject: Out of office: Nests',
        'Auto-Submitted: auto-replied',
        '',
        'Your mail was not delivered to anybody, I am away.',
      ]),
      ['automatic reply'],
    ],
    [
      'of a reader’s mail program (RFC 8098)',
      mail([
        'Content-Type: multipart/report; report-type=disposition-notification; boundary=b',
        '',
        '--b',
        '',
        'Read.',
        '--b',
        'Content-Type: message/disposition-notification',
        '',
        'Final-Recipient: rfc822; bo@example.com',
        'Disposition: manual-action/MDN-sent-manually; displayed',
        '--b--',
      ]),
      ['receipt'],
    ],
    ['nothing at all', Buffer.alloc(0), ['no report']],
  ])('%s', (_, raw, expected) => {
    expect(summary(raw)).toEqual(expected);
  });
});

describe('a complaint (RFC 5965)', () => {
  const arf = (type: string, returned: readonly string[]) =>
    mail([
      'From: feedback@example.net',
      'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
      '',
      '--b',
      '',
      'This is an abuse report.',
      '--b',
      'Content-Type: message/feedback-report',
      '',
      `Feedback-Type: ${type}`,
      'User-Agent: SomeGenerator/1.0',
      'Version: 1',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      ...returned,
      '',
      '--b--',
    ]);
  const link = 'abcdefghjkmnpqrstvwxyz0';

  it('names its type and the tokens in the mail that it is about', () => {
    const raw = arf('Abuse', [
      'Return-Path: <birds-bounces+000000100000abc@lists.example.org>',
      `List-Unsubscribe: <https://lists.example.org/u/${link}>,`,
      ' <mailto:birds-leave+abcdefghjkmnpqr@lists.example.org?subject=unsubscribe>',
    ]);
    expect(readReport(raw)).toEqual({
      kind: 'complaint',
      feedback: {
        type: 'abuse',
        tokens: [
          { kind: 'bounce', token: '000000100000abc' },
          { kind: 'leave', token: link, length: 23 },
          { kind: 'leave', token: 'abcdefghjkmnpqr', length: 15 },
        ],
      },
    });
  });

  it('finds no token in what people wrote', () => {
    const raw = arf('abuse', [`Subject: https://lists.example.org/u/${link}`, `X-Link: /u/${link}`]);
    expect(readReport(raw)).toMatchObject({ feedback: { tokens: [] } });
  });
});

describe('any bytes', () => {
  const pieces = fc.constantFrom(
    'From: mailer-daemon@x.example\r\n',
    'Content-Type: multipart/report; boundary=b\r\n',
    'Content-Type: message/delivery-status\r\n',
    'Content-Type: message/feedback-report\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Content-Type: text/html\r\n',
    '<div><table>&#x0;',
    '\r\n',
    '--b\r\n',
    '--b--\r\n',
    'Final-Recipient: rfc822;',
    'a@b.cc',
    'Action: failed\r\n',
    '5.1.1 ',
    '550 mailbox full ',
    '\0\xff',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
    fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  );

  it('are read without an error, and what they say has a class', () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        for (const line of summary(raw)) expect(line).not.toBe('');
      }),
    );
  });

  it.each([
    ['line ends', '\n'],
    ['at signs', 'a@'],
    ['underscores', '_'],
    ['angle brackets', '<'],
    ['full mailboxes', 'mailbox '],
    ['unknown users', 'user x '],
    ['codes', '5.1.'],
    ['addresses', 'a@b.cc '],
  ])('a megabyte of %s takes no longer than 250 ms', (_, piece) => {
    const raw = notice([piece.repeat(1_000_000 / piece.length)]);
    const before = performance.now();
    summary(raw);
    expect(performance.now() - before).toBeLessThan(250);
  });
});
