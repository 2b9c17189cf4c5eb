import { expect, test } from 'vitest';
import { type Judgement, judge, type Stage, smarthostReading } from '../../src/domain/outcome.ts';

const cases: readonly [
  name: string,
  stage: Stage,
  code: number | 'lost',
  shared: boolean,
  Judgement['kind'],
][] = [
  ['a message that was taken is delivered', 'dot', 250, false, 'delivered'],
  ['a connection that fails concerns everybody', 'connect', 'lost', false, 'back-off'],
  ['so does a greeting of 421', 'connect', 421, false, 'back-off'],
  ['and one of 554', 'connect', 554, false, 'back-off'],
  ['a login that fails for a while is tried again', 'auth', 454, false, 'back-off'],
  ['a wrong password needs an operator', 'auth', 535, false, 'halt'],
  ['so does a mechanism that is too weak', 'auth', 534, false, 'halt'],
  ['and a server that wants a login', 'mail', 530, false, 'halt'],
  ['even if it says so late', 'rcpt', 530, false, 'halt'],
  ['451 at MAIL concerns this mail', 'mail', 451, false, 'retry'],
  ['so does 421 there', 'mail', 421, true, 'retry'],
  ['550 at MAIL concerns this mail', 'mail', 550, false, 'failed'],
  ['greylisting concerns one recipient', 'rcpt', 450, false, 'retry'],
  ['an unknown mailbox fails', 'rcpt', 550, false, 'failed'],
  ['552 at RCPT is temporary (RFC 5321 §4.5.3.1.10)', 'rcpt', 552, false, 'retry'],
  ['and in a group it means too many', 'rcpt', 552, true, 'fewer'],
  ['452 in a group means too many', 'rcpt', 452, true, 'fewer'],
  ['452 for one recipient is temporary', 'rcpt', 452, false, 'retry'],
  ['421 at RCPT concerns that recipient', 'rcpt', 421, false, 'retry'],
  ['and in a group nobody knows whom: one by one', 'rcpt', 421, true, 'alone'],
  ['421 at DATA is tried again', 'data', 421, false, 'retry'],
  ['451 at DATA is tried again', 'data', 451, false, 'retry'],
  ['554 at DATA fails', 'data', 554, false, 'failed'],
  ['554 at DATA for a group: one by one', 'data', 554, true, 'alone'],
  ['a connection lost inside the message counts', 'data', 'lost', false, 'retry'],
  ['451 after the dot is tried again', 'dot', 451, false, 'retry'],
  ['421 after the dot is an answer to the message', 'dot', 421, false, 'retry'],
  ['550 after the dot fails', 'dot', 550, false, 'failed'],
  ['550 after the dot for a group: one by one', 'dot', 550, true, 'alone'],
  ['no answer after the dot: it may have arrived', 'dot', 'lost', false, 'unanswered'],
  ['a connection lost before the message counts: it may be that recipient', 'rcpt', 'lost', false, 'retry'],
  ['and in a group: one by one', 'rcpt', 'lost', true, 'alone'],
  ['a connection lost at MAIL counts', 'mail', 'lost', true, 'retry'],
];

test.each(cases)('%s', (_, stage, code, shared, expected) => {
  const answer =
    code === 'lost'
      ? ({ kind: 'lost', why: 'gone' } as const)
      : ({ kind: 'reply', reply: { code, text: '' } } as const);
  expect(judge(stage, answer, shared).kind).toBe(expected);
});

test.each<[string, Stage, number, string, Judgement['kind'], boolean]>([
  ['that relays for nobody', 'rcpt', 554, '5.7.1 Relay access denied', 'retry', true],
  ['that does not relay for this sender', 'mail', 550, '5.7.1 Relaying not allowed', 'retry', true],
  ['that cannot be told of an address in UTF-8', 'rcpt', 553, '5.6.7 No SMTPUTF8 here', 'failed', false],
  ['that knows no such user', 'rcpt', 550, '5.1.1 No such user', 'failed', false],
  ['that says so only when it has the text', 'dot', 554, '5.7.1 Relay access denied', 'retry', true],
  ['that refuses the text', 'dot', 554, '5.7.1 Message rejected as spam', 'failed', false],
])('a smarthost %s', (_, stage, code, text, kind, doubted) => {
  const answer = { kind: 'reply', reply: { code, text } } as const;
  expect(smarthostReading.judge(stage, answer, false).kind).toBe(kind);
  expect(smarthostReading.doubts(stage, answer)).toBe(doubted);
  expect(smarthostReading.advice(stage, answer) !== undefined).toBe(doubted);
});
