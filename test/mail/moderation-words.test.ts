import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readModeration } from '../../src/mail/moderation-words.ts';

const subject = 'Re: Please decide: “Nests” (Birds)';
const says = (act: string, reason = '') => ({ kind: 'decided', decisions: [{ act, reason }] });

describe('a reply about one post', () => {
  test.each<[string, string, object]>([
    ['ok', 'ok', says('approve')],
    ['OK with a dot', 'Ok.', says('approve')],
    ['a single letter', 'a', says('approve')],
    ['yes with politeness', 'Yes, please', says('approve')],
    ['approve above a name', 'approve\n\nBob', says('approve')],
    ['in German', 'ja', says('approve')],
    ['in German, the verb', 'Freigeben', says('approve')],
    ['in French', 'oui', says('approve')],
    ['in Japanese', '承認', says('approve')],
    ['reject alone, above a name', 'reject\nBob', says('reject')],
    ['reject with a reason', 'reject: off topic', says('reject', 'off topic')],
    ['reject with a dash', 'Reject – off topic.', says('reject', 'off topic.')],
    ['reject with a number', 'reject 2', says('reject', '2')],
    ['reject with a reason of two lines', 'reject: off\ntopic\n\nBob', says('reject', 'off\ntopic')],
    ['reject with the reason below', 'reject:\n\noff topic\n\nBob', says('reject', 'off topic')],
    ['discard', 'discard', says('discard')],
    ['allow', 'allow', says('allow')],
    ['ban', 'BAN!', says('ban')],
    ['numbered as in a bundle', '1 ok', says('approve')],
    ['a question to somebody in copy', 'ok?', { kind: 'unclear' }],
    ['an urgent one', 'ok?!', { kind: 'unclear' }],
    ['a question in French', 'Oui ?', { kind: 'unclear' }],
    ['a rejection that asks', 'reject: is it about birds?', says('reject', 'is it about birds?')],
    ['nothing', '', { kind: 'empty' }],
    ['no', 'no', { kind: 'unclear' }],
    ['a sentence that begins with a word', 'ok, but ask her about the map first', { kind: 'unclear' }],
    ['a sentence with reject in it', 'reject it if you like', { kind: 'unclear' }],
    ['a word on the second line', 'What do you think?\nok', { kind: 'unclear' }],
    ['a word in a word', 'okapi', { kind: 'unclear' }],
    ['an out-of-office text', 'I am on holiday until Monday.', { kind: 'unclear' }],
  ])('%s', (_, text, expected) => expect(readModeration(subject, text, 1)).toEqual(expected));
});

describe('a mail from a link', () => {
  test.each<[string, string, string, object]>([
    ['with the word as its subject', 'approve', '', says('approve')],
    ['with a name below', 'approve', 'Bob Finch', says('approve')],
    ['that rejects, with its reason below', 'reject', 'off topic\n\nBob', says('reject', 'off topic')],
    ['that says the same twice', 'ban', 'ban', says('ban')],
    ['that says two things', 'approve', 'discard', { kind: 'unclear' }],
    ['whose subject only begins with a word', 'approve?? really', '', { kind: 'empty' }],
    ['that is a reply to a subject that is a word', 'Re: approve', '', { kind: 'empty' }],
  ])('%s', (_, title, text, expected) => expect(readModeration(title, text, 1)).toEqual(expected));
});

describe('a reply about three posts', () => {
  const of = (...decisions: [number | undefined, string, string?][]) => ({
    kind: 'decided',
    decisions: decisions.map(([item, act, reason = '']) => ({
      ...(item !== undefined && { item }),
      act,
      reason,
    })),
  });
  test.each<[string, string, object]>([
    [
      'a line each',
      '1 ok\n2 reject: off topic\n3 discard',
      of([1, 'approve'], [2, 'reject', 'off topic'], [3, 'discard']),
    ],
    ['with other marks', '1. ok\n2) ban\n#3: allow', of([1, 'approve'], [2, 'ban'], [3, 'allow'])],
    ['several in a line', '1,3 ok', of([1, 'approve'], [3, 'approve'])],
    ['a range', '1-3 discard', of([1, 'discard'], [2, 'discard'], [3, 'discard'])],
    ['all of them', 'all ok', of([undefined, 'approve'])],
    ['above a name', '1 ok\nBob', of([1, 'approve'])],
    ['above our own lines without a mark of quotation', '3 ok\n\n1  “ok”\n2  "ban"', of([3, 'approve'])],
    [
      'a number that is none of them, between others',
      '1 ok\n4 ok\n2 ban\nBob',
      { ...of([1, 'approve'], [2, 'ban']), misnumbered: ['4 ok'] },
    ],
    [
      'a number that is none of them, above another',
      '4 ok\n1 ok',
      { ...of([1, 'approve']), misnumbered: ['4 ok'] },
    ],
    ['a word without a number', 'ok', { kind: 'unclear' }],
    ['a number that is none of them', '4 ok', { kind: 'unclear' }],
    ['nought', '0 ok', { kind: 'unclear' }],
    ['a range that runs backwards', '3-1 ok', { kind: 'unclear' }],
    ['a number without a word', '1', { kind: 'unclear' }],
    ['nothing', '', { kind: 'empty' }],
  ])('%s', (_, text, expected) => expect(readModeration(subject, text, 3)).toEqual(expected));
});

test('no text makes it throw, name a post there is not, or give a reason without a rejection', () => {
  const word = fc.constantFrom('ok', 'reject', 'all', '1', '2-9', ':', ' ', '\n', 'ban', '>', 'é', '–', ',');
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 25 }), (title, body, count) => {
      const said = readModeration(title, body, count);
      if (said.kind !== 'decided') return;
      for (const { item = 1, act, reason } of said.decisions) {
        expect(item).toBeGreaterThanOrEqual(1);
        expect(item).toBeLessThanOrEqual(count);
        if (act !== 'reject') expect(reason).toBe('');
      }
    }),
  );
});

test('a hostile line costs no time', () => {
  const started = performance.now();
  for (const part of ['1,', 'reject ', '1 - ', '<', '1 and '])
    readModeration(part.repeat(20_000), part.repeat(20_000), 3);
  expect(performance.now() - started).toBeLessThan(500);
});
