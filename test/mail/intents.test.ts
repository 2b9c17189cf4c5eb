import { describe, expect, it } from 'vitest';
import { matchIntent, readIntent, readReply, wordsOfCommand } from '../../src/mail/intents.ts';
import { readableText } from '../../src/mail/readable-text.ts';

const list = { name: 'birds', domain: 'lists.example.org', title: 'Birds of the North' };

describe('matchIntent', () => {
  it.each([
    ['en', 'Unsubscribe'],
    ['en', 'UNSUBSCRIBE ME!!!'],
    ['en', 'un-subscribe'],
    ['en', 'Please remove me, thanks!'],
    ['en', 'please take me off this mailing list'],
    ['en', 'unsubscribe birds'],
    ['en', 'Unsubscribe from birds@lists.example.org please'],
    ['en', 'Hi all, please remove me from the Birds of the North list'],
    ['en', 'I would like to unsubscribe'],
    ['en', 'Remove my email address from your list'],
    ['en', 'I no longer wish to receive these emails'],
    ['en', 'stop sending me emails'],
    ['en', 'opt out'],
    ['en', 'Sign me off'],
    ['de', 'Bitte abmelden'],
    ['de', 'Bitte melden Sie mich von der Liste ab. Danke!'],
    ['de', 'abbestellen'],
    ['de', 'austragen'],
    ['de', 'Kündigen'],
    ['fr', 'Désinscription'],
    ['fr', 'Je souhaite me désinscrire de cette liste, merci'],
    ['fr', 'desabonner'],
    ['es', 'Por favor darme de baja'],
    ['es', 'Baja'],
    ['it', 'Cancellami dalla lista'],
    ['it', 'disiscrivimi'],
    ['pt', 'Quero cancelar minha inscrição'],
    ['pt', 'sair'],
    ['nl', 'meld mij af aub'],
    ['nl', 'Uitschrijven'],
    ['sv', 'avanmäl mig'],
    ['da', 'Afmeld mig venligst'],
    ['no', 'Meld meg av'],
    ['pl', 'proszę o wypisanie mnie z listy'],
    ['pl', 'Wypisz'],
    ['ja', '退会希望'],
    ['ja', '解除'],
    ['zh', '请退订'],
  ])('%s: "%s" wants to leave', (_, line) => {
    expect(matchIntent(line, list)).toBe('leave');
  });

  it.each([
    ['en', 'Subscribe'],
    ['en', 'Please add me to the list'],
    ['en', 'sign me up'],
    ['en', 'join birds'],
    ['de', 'Anmelden'],
    ['de', 'Bitte tragen Sie mich ein'],
    ['de', 'abonnieren'],
    ['fr', 'Inscription'],
    ['fr', "m'inscrire"],
    ['es', 'Suscribirme'],
    ['es', 'Alta'],
    ['it', 'Iscrivimi alla lista'],
    ['pt', 'Inscrever'],
    ['nl', 'Aanmelden'],
    ['sv', 'Anmäl'],
    ['da', 'Tilmeld mig'],
    ['no', 'Meld meg på'],
    ['pl', 'Zapisz mnie'],
    ['ja', '登録お願いします'],
    ['zh', '订阅'],
  ])('%s: "%s" wants to join', (_, line) => {
    expect(matchIntent(line, list)).toBe('join');
  });

  it.each([
    "don't unsubscribe me",
    'Please do not remove me',
    'the unsubscribe link is broken',
    'Can someone unsubscribe Bob',
    'Leave of absence',
    'How to leave feedback',
    'Remove me is a song',
    'I would like to subscribe to the idea that owls are wise',
    'Ich möchte nicht abgemeldet werden',
    'birds',
    'Hello',
    '',
  ])('%j asks for nothing', (line) => {
    expect(matchIntent(line, list)).toBeUndefined();
  });

  it.each(['please ', 'i want to ', 'unsubscribe ', 'remove me from the ', 'を'])(
    'takes no time for a line of many %j',
    (piece) => {
      const started = performance.now();
      matchIntent(piece.repeat(20_000), list);
      matchIntent(piece.repeat(200).slice(0, 200), list);
      expect(performance.now() - started).toBeLessThan(200);
    },
  );
});

describe('readIntent, of a mail to the posting address', () => {
  const read = (subject: string, text: string, inReplyTo: readonly string[] = []) =>
    readIntent(wordsOfCommand(text), { subject, inReplyTo }, list);

  it.each([
    ['the word as the subject', 'unsubscribe', ''],
    ['the word as the text', '', 'Unsubscribe\n'],
    [
      'the word as the text of a reply',
      'Re: [Birds] nests',
      'please unsubscribe me\n\nOn Mon, 1 May 2016, Bob wrote:\n> nests',
    ],
    ['a greeting, the wish and a name', 'Birds', 'Hello,\n\nplease remove me from this list.\n\nBob'],
    ['a telephone', '', 'Please remove me, thanks!\n\nSent from my iPhone'],
    ['a signature', 'remove me', 'Thanks\n-- \nBob\nACME\nTel. 1\nFax 2\nBirds 3'],
    ['a weak word and nothing else', 'Leave', ''],
    ['a weak word in German', '', 'Abmeldung'],
  ])('takes %s for a wish to leave', (_, subject, text) => {
    expect(read(subject, text)).toBe('leave');
  });

  it('understands HTML without a plain part', () => {
    const raw = Buffer.from(
      'Content-Type: text/html\r\n\r\n<div>Please <b>remove</b> me, thanks!</div><div>Sent from my iPhone</div>',
    );
    expect(readIntent(readableText(raw), { subject: '', inReplyTo: [] }, list)).toBe('leave');
  });

  it.each([
    [
      'somebody helps another: the subject is not their own',
      'Re: unsubscribe',
      'Bob, use the link at the end.',
      [],
    ],
    ['the same without a reply marker', 'unsubscribe', 'Bob, use the link at the end.', ['one@example.com']],
    ['an event is called off', 'Cancel', 'The walk on Sunday is off, the storm is too strong.', []],
    ['somebody is on leave', 'Leave', 'I am on leave from Monday, ask Carol.', []],
    ['registration for an event', 'Anmeldung', 'Anmeldung\nzum Nistkastenbau bitte bis Freitag bei Bob', []],
    ['more than 40 words', 'unsubscribe', 'word '.repeat(41), []],
    ['more than 5 lines', 'unsubscribe', 'a\nb\nc\nd\ne\nf', []],
    ['a post about leaving', 'Leaving', 'The swallows are leaving.', []],
  ] as const)('leaves alone a post where %s', (_, subject, text, inReplyTo) => {
    expect(read(subject, text, inReplyTo)).toBeUndefined();
  });
});

describe('readReply', () => {
  it.each([
    ['', 'empty'],
    ['👍', 'empty'],
    ['Hello,', 'empty'],
    ['Thanks!', 'empty'],
    ['ok', 'yes'],
    ['Yes.', 'yes'],
    ['"OK"\n\nBob', 'yes'],
    ['Hello,\n\nyes please\n\nBob', 'yes'],
    ['Yes please, add me', 'yes'],
    ['Ja, bitte', 'yes'],
    ['Oui merci', 'yes'],
    ['Sí', 'yes'],
    ['はい', 'yes'],
    ['confirm', 'yes'],
    ['subscribe', 'yes'],
    ['no', 'no'],
    ['No thanks', 'no'],
    ['Nein danke', 'no'],
    ['stop', 'no'],
    ['It was not me', 'no'],
    ['No, that was not me', 'no'],
    ['No problem', 'other'],
    ['unsubscribe', 'no'],
    ['yes but who are you', 'other'],
    ['Yes?', 'other'],
    ['Yes, can you add me?', 'yes'],
    ['No problem, do it', 'other'],
    ['Hello,\nI am out of the office until Monday.', 'other'],
    ['Bob Smith', 'other'],
  ])('reads %j as %s', (text, meaning) => {
    expect(readReply(text)).toBe(meaning);
  });

  it.each([
    ['unsubscribe', 'leave', 'yes'],
    ['please remove me', 'leave', 'yes'],
    ['subscribe', 'leave', 'no'],
    ['unsubscribe', 'other', 'other'],
    ['yes', 'other', 'yes'],
  ] as const)('reads %j, when asked about %s, as %s', (text, asked, meaning) => {
    expect(readReply(text, asked)).toBe(meaning);
  });
});
