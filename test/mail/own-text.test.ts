import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownText, stripMarks } from '../../src/mail/own-text.ts';

describe('ownText keeps the answer', () => {
  it.each([
    ['without quotes', 'yes\n\n> Shall we?\n> We could.', 'yes'],
    [
      'below a quote that is marked',
      'On Mon, Feb 1, 2016 at 6:32 PM, Bob <b@c.example> wrote:\n> Shall we?\n\nyes',
      'yes',
    ],
    ['between quotes', '> One?\n\nyes\n\n> Two?\n\nno', 'yes\n\nno'],
    ['without the signature (RFC 3676 §4.3)', 'yes\n-- \nBob\nACME', 'yes'],
    ['without a signature of dashes only', 'yes\n--\nBob', 'yes'],
    ['without the original message', 'yes\n\n-----Original Message-----\nFrom: Bob\n\nShall we?', 'yes'],
    [
      'without Outlook’s line',
      'yes\n\n________________________________\nFrom: Bob\nSent: Monday\n\nShall we?',
      'yes',
    ],
    [
      'without a header block that has no line',
      'yes\n\nVon: Bob\nGesendet: Montag\nAn: Alice\n\nWollen wir?',
      'yes',
    ],
    ['without a bold header block', 'yes\n\n*From:* Bob\n*Sent:* Monday\n*To:* Alice\n\nShall we?', 'yes'],
    ['without a forwarded mail', 'look\n\n---------- Forwarded message ---------\nFrom: Bob', 'look'],
    [
      'when a reply header is folded',
      'yes\n\nOn Mon, 2016, SomeOne <\nsome@one.example> wrote:\n\n> Shall we?',
      'yes',
    ],
    [
      'directly above a reply header',
      'In 2 weeks.\nOp 16 aug. 2014 05:13 schreef "Bob" <b@c.example>:\n\n> Zullen we?',
      'In 2 weeks.',
    ],
  ])('%s', (_, text, own) => {
    expect(ownText(text)).toBe(own);
  });

  it.each([
    'On Mon, Feb 1, 2016 at 6:32 PM, Bob <b@c.example> wrote:',
    'On 28 Jan 2016, at 19:04, Bob wrote:',
    'Am 03.02.2016 um 15:35 schrieb Bob <b@c.example>:',
    'Bob <b@c.example> schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr:',
    'Le 2016-11-16 02:22, Bob a écrit :',
    'Le mer. 16 nov. 2016 à 02:22, Bob <b@c.example> a écrit :',
    'El 16 nov 2016, a las 2:22, Bob <b@c.example> escribió:',
    'Il giorno 16 nov 2016, alle ore 02:22, Bob <b@c.example> ha scritto:',
    'In data 11 ottobre 2017 21:11:31 "Bob" <b@c.example> ha scritto:',
    'Em 10 de julho de 2017 às 16:32:35, Bob (b@c.example) escreveu:',
    'Op 12 december 2016 19:05 schreef Bob <b@c.example>:',
    'Den 15. jun. 2016 kl. 20.42 skrev Bob <b@c.example>:',
    'pe 20. lokakuuta 2017 klo 17.50 Bob <b@c.example> kirjoitti:',
    'W dniu 2017-01-09 11:59:39 użytkownik Bob <b@c.example> napisał:',
    '20 окт. 2016 г. 19:37 пользователь "Bob" <b@c.example> написал:',
    'ср, 30 апр. 2025 г. в 15:19, Bob <b@c.example>:',
    '在 2016年12月12日，下午8:45，Bob <b@c.example> 写道：',
    '2013/7/20 Bob via Birds <b@c.example>',
  ])('knows the reply header "%s"', (header) => {
    expect(ownText(`yes\n\n${header}\n\nShall we?`)).toBe('yes');
  });

  it.each([
    'Sent from my iPhone',
    'Sent from Outlook Mobile<https://aka.ms/x>',
    'Get Outlook for Android',
    'Von meinem iPhone gesendet',
    'Diese Nachricht wurde von meinem Android-Mobiltelefon gesendet.',
    'Envoyé de mon iPhone',
    'Enviado desde mi iPhone',
    'Inviato da iPhone',
    'Verzonden vanaf mijn iPhone',
    'Skickat från min iPhone',
    'Sendt fra min iPad',
    'Wysłane z iPhone’a',
    'Отправлено с iPhone',
    '发自我的 iPhone',
    'iPhoneから送信',
  ])('knows the advertisement "%s"', (line) => {
    expect(ownText(`yes\n\n${line}`)).toBe('yes');
  });
});

describe('ownText does not take for a reply header', () => {
  it.each([
    'On the other hand, we should wait.',
    'On this day\n\nI wrote something\n\nwhich was very interesting.',
    'We met at 10:30, which I wrote down.',
    'The notification was sent from my iPhone app to all users.',
    'See https://example.com/blog/on-date-someone-wrote-about-parsing',
    'I read what Bob wrote: it is fine.',
    'From: here on it is easy.',
  ])('%j', (text) => {
    expect(ownText(text)).toBe(text);
  });
});

it('makes no-break spaces, zero-width characters and typographic quotes plain', () => {
  expect(ownText('\u201csub\u200bscribe\u201d\u00a0\u2018me\u2019\r\n')).toBe(`"subscribe" 'me'`);
});

it('stops after the number of lines that are wanted', () => {
  expect(ownText('one\n\ntwo\nthree\nfour', 3)).toBe('one\n\ntwo\nthree');
});

it('never throws, and gives lines of the text in their order', () => {
  const line = fc.constantFrom(
    'yes',
    '> no',
    '',
    '-- ',
    'On 1 May 2016, Bob wrote:',
    'From: a',
    'To: b',
    '<a@b.c>:',
    '1 <',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const own = ownText(lines.join('\n')).split('\n').filter(Boolean);
      let at = 0;
      for (const each of own) {
        at = (lines as string[]).indexOf(each, at) + 1;
        expect(at).toBeGreaterThan(0);
      }
    }),
  );
});

it.each([
  'On 1 ',
  'On 1\n',
  '@',
  '1<',
  '-',
  '--a',
  '\n',
  'a@b ',
  `1${' '.repeat(150)}<a@b\n`,
  `${'1'.repeat(150)}<${'@'.repeat(240)}:\n`,
  `On 1 ${'1'.repeat(100)}<${'@'.repeat(280)}:\n`,
  `${'1'.repeat(130)}${'<'.repeat(130)}${'@'.repeat(130)}:\n`,
  'From: a\n',
  '>\n',
])('takes linear time for a megabyte of %j', (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
  const started = performance.now();
  ownText(text);
  expect(performance.now() - started).toBeLessThan(250);
});

it('stripMarks leaves what is inside', () => {
  expect(stripMarks(' **<subscribe>.** ')).toBe('subscribe');
});
