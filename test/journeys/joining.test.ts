import { beforeAll, describe, expect, it } from 'vitest';
import { setList } from '../../src/operations/lists/set-list.ts';
import { type LetterOut, sharedTown } from './town.ts';

const joinAddress = 'birds-join@lists.example.org';
const place = sharedTown({ settings: { 'limits.joins_per_network': '0' } });
beforeAll(() => place.town.makeList('birds'));

/** A newcomer who has asked to join, and the question that came. */
async function asked(email: string) {
  const person = place.town.person(email);
  await person.writes({ to: joinAddress });
  return { person, question: await person.oneMail('Please confirm: join Birds') };
}

const isMember = async (email: string) => (await place.town.membersOf('birds')).includes(email);

describe('a yes is', () => {
  const quote = '\n\nOn Sat, 21 Nov 2026 at 10:00, Birds wrote:\n> To join, simply reply to this mail';
  const phone =
    '<html><body><div dir="auto">Yes please</div><br><div>Sent from my iPhone</div>' +
    '<blockquote type="cite">Someone (we hope you) asked to add you. Not you? Do nothing.</blockquote></body></html>';
  const cases: Record<string, Partial<LetterOut>> = {
    'the word yes': { text: 'Yes.' },
    'the word ok above the quoted question': { text: `ok${quote}` },
    'an empty reply': { text: '' },
    'a reply that holds only the quoted question': { text: quote },
    'a reply that holds only a signature': { text: '-- \nDana Reyes\n+1 555 0100' },
    'the HTML-only reply of a telephone': { html: phone },
    'a word of another language': { text: 'Oui, merci' },
    'the request again': { text: 'subscribe' },
    'a reply from another address': { from: 'dana@elsewhere.example', text: 'yes' },
    'a mail with a changed subject': { subject: 'hello', text: 'confirm' },
  };
  let count = 0;
  it.each(Object.entries(cases))('%s', async (_, reply) => {
    const { person, question } = await asked(`yes${++count}@example.com`);
    expect((await person.answers(question, reply)).answer).toBe('250 2.0.0 OK');
    await person.oneMail('You are now on Birds');
    expect(await isMember(person.email)).toBe(true);
  });

  it('the button of the page, and only that: looking at it changes nothing', async () => {
    const { person, question } = await asked('button@example.com');
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await place.town.browse(question.link ?? '', { method });
    expect(await isMember(person.email)).toBe(false);
    expect(await place.town.press(question.link)).toContain('is now on Birds');
    await person.oneMail('You are now on Birds');
  });

  it('a mail to birds-request@ with the token', async () => {
    const { person, question } = await asked('request@example.com');
    const token = question.link?.slice(-15);
    await person.writes({ to: 'birds-request@lists.example.org', subject: `confirm ${token}` });
    await person.oneMail('You are now on Birds');
  });

  it('good once: a second one is answered politely and does nothing', async () => {
    const { person, question } = await asked('twice@example.com');
    await person.answers(question, { text: 'yes' });
    await person.oneMail('You are now on Birds');
    await person.answers(question, { text: 'yes' });
    expect((await person.oneMail('Too late, or done already: Birds')).text).toContain('is now on Birds');
  });
});

describe('nobody becomes a member by', () => {
  const silent: Record<string, Partial<LetterOut>> = {
    'an out-of-office reply with the header of RFC 3834': {
      subject: 'Re: Please confirm: join Birds',
      text: 'yes, I am away',
      headers: { 'Auto-Submitted': 'auto-replied' },
    },
    'one that shows only in its subject': {
      subject: 'Automatic reply: Please confirm: join Birds',
      text: 'Yes, I am back on Monday.',
    },
    'one in German, from Outlook': {
      subject: 'Abwesenheitsnotiz: Please confirm',
      text: 'ok',
      headers: { 'X-Auto-Response-Suppress': 'All' },
    },
    'one from the null sender': { envelopeFrom: '', text: 'yes' },
    'the report of a mail server': {
      subject: 'Undelivered Mail Returned to Sender',
      text: 'yes',
      headers: { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=x' },
    },
  };
  let count = 0;
  it.each(Object.entries(silent))('%s, and it is not answered', async (_, reply) => {
    const { person, question } = await asked(`robot${++count}@example.com`);
    expect((await person.answers(question, reply)).answer).toBe('250 2.0.0 OK');
    expect(await person.newMail()).toEqual([]);
    expect(await isMember(person.email)).toBe(false);
  });

  it('words that may mean anything: those are asked again, with the button', async () => {
    const { person, question } = await asked('unclear@example.com');
    await person.answers(question, { text: 'What is this list about?' });
    const again = await person.oneMail('Did you mean yes? Birds');
    expect(await isMember(person.email)).toBe(false);
    await person.answers(again, { text: 'yes' });
    await person.oneMail('You are now on Birds');
  });

  it('a no, after which the link is dead', async () => {
    const { person, question } = await asked('no@example.com');
    await person.answers(question, { text: 'No, that was not me' });
    await person.oneMail('Called off: Birds');
    expect(await place.town.press(question.link)).not.toContain('is now on');
    expect(await isMember(person.email)).toBe(false);
  });

  it('a token somebody made up', async () => {
    const { answer } = await place.town
      .person('guess@example.com')
      .writes({ to: 'birds-confirm+0123456789abcde@lists.example.org', text: 'yes' });
    expect(answer).toBe('550 5.1.1 This confirmation address is not one of ours');
  });
});

describe('joining', () => {
  it.each(['birds-subscribe', 'birds+join', 'BIRDS-SUB', 'birds+subscribe'])(
    'works at %s@ too',
    async (local) => {
      const person = place.town.person(`${local.toLowerCase().replace('+', '.')}@example.com`);
      await person.writes({ to: `${local}@lists.example.org` });
      await person.oneMail('Please confirm: join Birds');
    },
  );

  it.each([
    ['join', 'birds-request'],
    ['Bitte anmelden', 'birds-request'],
    ["Je voudrais m'inscrire, merci", 'birds-request'],
    ['subscribe birds Anna Maria Lind', 'listserv'],
    ['SUB BIRDS', 'majordomo'],
    ['add me to the list please', 'birds+request'],
  ])('works by the words “%s” to %s@', async (text, local) => {
    const person = place.town.person(`words${text.length}@example.com`);
    await person.writes({ to: `${local}@lists.example.org`, text });
    await person.oneMail('Please confirm: join Birds');
  });

  it('takes the name from LISTSERV’s form, and the mode from the address', async () => {
    const named = place.town.person('anna@example.com');
    await named.writes({ to: 'listserv@lists.example.org', text: 'subscribe birds Anna Maria Lind' });
    await named.answers(await named.oneMail(/confirm/), {});
    await named.oneMail('You are now on Birds');
    await named.writes({ to: 'birds-request@lists.example.org', subject: 'status' });
    expect((await named.oneMail('Your settings on Birds')).text).toContain('Name:        Anna Maria Lind');

    const quiet = place.town.person('quiet@example.com');
    await quiet.writes({ to: 'birds-nomail@lists.example.org' });
    await quiet.answers(await quiet.oneMail(/confirm/), {});
    await quiet.oneMail('You are now on Birds');
    await place.town.person('olga@example.org').writes({
      to: 'birds@lists.example.org',
      subject: 'For those who read',
      text: 'Swifts!',
    });
    await named.oneMail('For those who read');
    expect(await quiet.newMail()).toEqual([]);
  });

  it('asks a member nothing, and tells them that they are one', async () => {
    const { person, question } = await asked('already@example.com');
    await person.answers(question, {});
    await person.oneMail('You are now on Birds');
    await person.writes({ to: joinAddress });
    await person.oneMail('You are already on Birds');
  });

  it('asks another address there, names who asked, and asks nobody else', async () => {
    const asker = place.town.person('asker@example.com');
    const other = place.town.person('other@example.com');
    await asker.writes({
      to: 'birds-request@lists.example.org',
      text: 'subscribe address=other@example.com',
    });
    expect((await other.oneMail('Please confirm: join Birds')).text).toContain(
      'by a mail in the name of asker@example.com',
    );
    expect(await asker.newMail()).toEqual([]);
  });

  it('sends an address at most three questions a day', async () => {
    const person = place.town.person('bombed@example.com');
    for (let times = 0; times < 6; times++) await person.writes({ to: joinAddress });
    expect(await person.newMail()).toHaveLength(3);
  });

  it('waits for an owner where the list wants it, after the address is confirmed', async () => {
    await place.town.makeList('owls', [], { join: 'approve' });
    const [olga, nina] = [
      place.town.person('olga@example.org'),
      place.town.person('Nina <nina@example.com>'),
    ];
    await nina.writes({ to: 'owls-join@lists.example.org' });
    const question = await nina.oneMail('Please confirm: join Owls');
    expect(await olga.newMail()).toEqual([]);
    await nina.answers(question, { text: 'yes' });
    await nina.oneMail('Waiting for the owner of Owls');
    const admission = await olga.oneMail('nina@example.com would like to join Owls');
    await olga.answers(admission, { text: '' });
    expect(await nina.newMail()).toEqual([]);
    await olga.answers(await olga.oneMail('Did you mean yes? Owls'), { text: 'yes' });
    await nina.oneMail('You are now on Owls');
  });

  it('is closed to everybody where only owners add members', async () => {
    await place.town.operate(setList, { list: 'owls@lists.example.org', changes: { join: 'closed' } });
    const person = place.town.person('late@example.com');
    await person.writes({ to: 'owls-join@lists.example.org' });
    await person.oneMail('Owls takes no new members by mail');
  });
});
