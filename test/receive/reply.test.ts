import { describe, expect, it } from 'vitest';
import type { RecipientResult } from '../../src/domain/incoming.ts';
import { reply, replyForAll } from '../../src/receive/reply.ts';

const accepted: RecipientResult = { kind: 'accepted', id: 12, note: '' };
const alsoAccepted: RecipientResult = { kind: 'accepted', id: 13, note: '' };
const held: RecipientResult = { kind: 'held', id: 45, note: 'not a member' };
const passedOn: RecipientResult = { kind: 'passed-on', id: 7, note: '' };
const dropped: RecipientResult = { kind: 'dropped', note: 'loop' };
const no: RecipientResult = { kind: 'refused', code: 550, enhanced: '5.7.1', why: 'members only' };
const tooLarge: RecipientResult = { kind: 'refused', code: 552, enhanced: '5.3.4', why: 'too large' };
const notNow: RecipientResult = { kind: 'refused', code: 450, enhanced: '4.7.1', why: 'too often' };

describe('one reply for all recipients', () => {
  it.each<[string, RecipientResult[], string]>([
    ['accepted', [accepted], '250 2.0.0 accepted as 12'],
    ['accepted twice', [accepted, alsoAccepted], '250 2.0.0 accepted as 12, 13'],
    ['held', [held], '250 2.0.0 held for a moderator as 45'],
    ['accepted and held', [held, accepted], '250 2.0.0 accepted as 12; held for a moderator as 45'],
    ['passed on to one person', [passedOn], '250 2.0.0 passed on as 7'],
    ['accepted and passed on', [accepted, passedOn], '250 2.0.0 accepted as 12; passed on as 7'],
    ['dropped says nothing', [dropped], '250 2.0.0 OK'],
    ['accepted and dropped', [accepted, dropped], '250 2.0.0 accepted as 12'],
    ['refused', [no], '550 5.7.1 members only'],
    ['refused by all, the first is told', [tooLarge, no], '552 5.3.4 too large'],
    ['one who only has to wait goes first', [no, notNow], '450 4.7.1 too often'],
    [
      'dropped by one, refused by another',
      [dropped, no],
      '250 2.0.0 refused for 1 of 2 recipients: members only',
    ],
  ])('%s', (_, results, expected) => {
    const { code, text } = replyForAll(results);
    expect(`${code} ${text}`).toBe(expected);
  });
});

describe('a sentence in a reply', () => {
  it.each([
    ['line ends cannot start a reply of their own', 'no\r\n250 yes', '5.0.0 no 250 yes'],
    ['other control characters neither', 'a\0b\x1bc\u0085d', '5.0.0 a b c d'],
    ['our own marks as ASCII has them', '“a.pdf” – it’s too large…', '5.0.0 "a.pdf" - it\'s too large...'],
    ['only ASCII', 'Vögel 🐦', '5.0.0 V?gel ?'],
  ])('%s', (_, sentence, expected) => {
    expect(reply(550, '5.0.0', sentence).text).toBe(expected);
  });

  it('fits a reply line of 512 octets (RFC 5321 section 4.5.3.1.5)', () => {
    const full = 512 - '550 5.0.0 \r\n'.length;
    expect(reply(550, '5.0.0', 'x'.repeat(full)).text).toBe(`5.0.0 ${'x'.repeat(full)}`);
    expect(`550 ${reply(550, '5.0.0', 'x'.repeat(full + 1)).text}\r\n`).toHaveLength(512);
  });
});
