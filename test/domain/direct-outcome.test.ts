import { expect, test } from 'vitest';
import { judgeMailServer, mailServerReading } from '../../src/domain/direct-outcome.ts';
import type { Stage } from '../../src/domain/outcome.ts';

const cases: readonly [name: string, stage: Stage, reply: string, throttled: boolean, judgement: string][] = [
  ['Gmail', 'dot', '421 4.7.28 unusual rate of unsolicited mail', true, 'back-off'],
  ['Gmail, at RCPT', 'rcpt', '421 4.7.28 unusual rate of unsolicited mail', true, 'back-off'],
  [
    'a mailbox over its rate',
    'rcpt',
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that is too high',
    false,
    'retry',
  ],
  ['the same after the dot', 'dot', '450 4.2.1 The user is receiving mail at a rate', false, 'retry'],
  ['too many for one', 'rcpt', '451 Too many messages for this user', false, 'retry'],
  ['a mailbox with too many', 'rcpt', '450 4.2.2 Too many messages in mailbox', false, 'retry'],
  ['words at RCPT, so long as one is told', 'rcpt', '451 4.7.1 Too many messages from you', false, 'retry'],
  ['421 4.7 at RCPT', 'rcpt', '421 4.7.0 try later', false, 'retry'],
  ['Yahoo', 'mail', '421 4.7.0 [TSS04] Messages temporarily deferred', true, 'back-off'],
  ['Outlook', 'connect', '421 RP-001 (SNT004) Unfortunately, some messages were not sent', true, 'back-off'],
  ['too many connections', 'connect', '421 4.3.2 Too many connections from you', true, 'back-off'],
  ['too many messages', 'mail', '451 4.7.1 Too many messages, slow down', true, 'back-off'],
  [
    '4.7 without words, at MAIL',
    'mail',
    '451 4.7.650 The mail server has been temporarily rate',
    true,
    'back-off',
  ],
  ['greylisting at RCPT', 'rcpt', '451 4.7.1 Greylisting in action, please come back later', false, 'retry'],
  ['greylisting, spelt otherwise', 'rcpt', '450 4.7.1 Graylisted: too many unknown senders', false, 'retry'],
  ['greylisting that does not say so', 'rcpt', '450 4.7.1 try again in five minutes', false, 'retry'],
  ['a full mailbox', 'rcpt', '452 4.2.2 mailbox full', false, 'retry'],
  ['too many recipients', 'rcpt', '451 4.5.3 Too many recipients', false, 'retry'],
  ['too many recipients, without its code', 'rcpt', '451 too many recipients', false, 'retry'],
  ['a server that goes down', 'connect', '421 4.3.2 shutting down', false, 'back-off'],
  ['a refusal with the same words is one', 'dot', '550 5.7.1 too many complaints', false, 'failed'],
  ['relaying denied is no matter of our login', 'rcpt', '530 5.7.1 relaying denied', false, 'failed'],
  ['a server that wants STARTTLS', 'mail', '530 5.7.0 Must issue a STARTTLS command first', false, 'failed'],
  ['a server that wants a login before all', 'connect', '530 5.7.0 log in', false, 'back-off'],
];

test.each(cases)('%s', (_, stage, line, throttled, judgement) => {
  const answer = { kind: 'reply', reply: { code: Number(line.slice(0, 3)), text: line.slice(4) } } as const;
  expect(mailServerReading.throttles(stage, answer)).toBe(throttled);
  expect(judgeMailServer(stage, answer, false).kind).toBe(judgement);
});

test.each([
  ['a greeting of 421', 'connect', '421 4.3.2 not now', false],
  ['421 at RCPT', 'rcpt', '421 4.3.2 not now', true],
  ['451 at MAIL', 'mail', '451 4.3.0 try later', true],
  ['451 at RCPT', 'rcpt', '451 4.3.0 try later', false],
  ['greylisting', 'rcpt', '450 4.7.1 greylisted', false],
  ['words of throttling at RCPT', 'rcpt', '451 4.7.1 Too many messages from you', true],
  ['a mailbox over its rate', 'rcpt', '450 4.2.1 The user is receiving mail at a rate', false],
  ['too many for one', 'rcpt', '451 Too many messages for this user', false],
  ['451 after the dot', 'dot', '451 4.3.0 try later', false],
] as const)('%s casts doubt on the server: %4$s', (_, stage, line, doubted) => {
  const reply = { code: Number(line.slice(0, 3)), text: line.slice(4) };
  expect(mailServerReading.doubts(stage, { kind: 'reply', reply })).toBe(doubted);
});

test('a connection that is lost asks for nothing', () => {
  expect(mailServerReading.throttles('connect', { kind: 'lost', why: 'too many' })).toBe(false);
});
