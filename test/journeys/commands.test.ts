import { beforeAll, describe, expect, it } from 'vitest';
import { type LetterOut, type Person, sharedTown } from './town.ts';

const birds = 'birds@lists.example.org';
const request = 'birds-request@lists.example.org';
const listserv = 'listserv@lists.example.org';

/** Answers have their own limits, told in anti-cannon tests; here people may ask as often as they like. */
const place = sharedTown({ settings: { 'limits.replies_per_address': '0' } });
let people = 0;

beforeAll(async () => {
  const { town } = place;
  await town.makeList('birds', [], { listed: 'true', roster: 'members' });
  await town.makeList('owls', [], { archive: 'owners' });
  const poster = town.person('Paula Poster <paula@example.net>');
  await town.addTo('birds', [poster]);
  await poster.writes({
    to: birds,
    subject: 'Two ospreys',
    text: 'On the old platform.',
    messageId: 'osprey@x',
  });
  await poster.writes({ to: birds, subject: 'A kestrel', text: 'Near the mill.' });
  await town.server.idle();
});

async function member(name = ''): Promise<Person> {
  const email = `member${++people}@example.com`;
  const person = place.town.person(name ? `${name} <${email}>` : email);
  await place.town.addTo('birds', [person]);
  return person;
}

async function reply(person: Person, letter: LetterOut) {
  const { answer, messageId } = await person.writes(letter);
  expect(answer).toBe('250 2.0.0 OK');
  const [mail, ...others] = await person.newMail();
  expect(others).toEqual([]);
  if (!mail) throw new Error('no answer came');
  expect(mail.header('in-reply-to')).toBe(`<${messageId}>`);
  return mail;
}

describe('a question by mail is answered', () => {
  const cases: [string, LetterOut, { subject: string; says: string }][] = [
    [
      'help',
      { to: request, subject: 'help' },
      { subject: 'Help: Birds', says: 'birds-join@lists.example.org' },
    ],
    [
      'hilfe, to the plus form',
      { to: 'birds+help@lists.example.org', text: 'Hilfe' },
      { subject: 'Help: Birds', says: 'set nomail' },
    ],
    [
      'help of the whole site',
      { to: listserv, text: 'HELP' },
      { subject: 'Help: mailing lists at lists.example.org', says: 'join LIST' },
    ],
    [
      'lists',
      { to: 'sympa@lists.example.org', text: 'lists' },
      { subject: 'Mailing lists at lists.example.org', says: 'birds@lists.example.org  Birds' },
    ],
    [
      'which',
      { to: listserv, text: 'which' },
      { subject: 'Your mailing lists at lists.example.org', says: 'birds@lists.example.org  Birds' },
    ],
    [
      'status',
      { to: request, subject: 'status' },
      { subject: 'Your settings on Birds', says: 'You get:     every post as it comes' },
    ],
    [
      'query, abbreviated as LISTSERV allows',
      { to: listserv, text: 'que birds' },
      { subject: 'Your settings on Birds', says: 'Own posts:   you get them too' },
    ],
    [
      'who',
      { to: request, text: 'who' },
      { subject: 'Members of Birds', says: 'paula@example.net  Paula Poster' },
    ],
    [
      'review',
      { to: 'majordomo@lists.example.org', text: 'review birds' },
      { subject: 'Members of Birds', says: 'olga@example.org  owner' },
    ],
    [
      'index',
      { to: request, text: 'index' },
      { subject: 'Birds: the newest posts', says: 'Paula Poster: A kestrel' },
    ],
    ['get', { to: request, text: 'get 1' }, { subject: 'Birds: 1', says: 'On the old platform.' }],
    [
      'search',
      { to: request, text: 'search from:paula mill' },
      { subject: 'Birds: from:paula mill', says: 'A kestrel' },
    ],
    [
      'a search that finds nothing',
      { to: request, text: 'search penguin' },
      { subject: 'Birds: penguin', says: 'No post says this.' },
    ],
    [
      'HTML only',
      { to: request, html: '<p><b>status</b></p>' },
      { subject: 'Your settings on Birds', says: 'You get:' },
    ],
    [
      'signature below',
      { to: request, text: 'status\n-- \nKim\nwho' },
      { subject: 'Your settings on Birds', says: 'You get:' },
    ],
    [
      'something else',
      { to: request, text: 'What is the weather like?' },
      { subject: 'Sorry, I did not understand that', says: 'mailto:birds-join@lists.example.org' },
    ],
    [
      'something else, site',
      { to: listserv, text: 'Dear Sir or Madam' },
      {
        subject: 'Sorry, I did not understand that',
        says: 'mailto:listserv@lists.example.org?subject=lists',
      },
    ],
    [
      'a list that is not there',
      { to: listserv, text: 'status penguins' },
      { subject: 'No such list: penguins', says: 'There is no list called' },
    ],
    [
      'what mail cannot do',
      { to: request, text: 'set conceal' },
      { subject: 'Not possible by mail: set conceal', says: 'Send “help”' },
    ],
    [
      'a token that is none',
      { to: request, text: 'approve 0123456789abcde' },
      { subject: 'Not done', says: 'no token of a post that waits' },
    ],
  ];
  it.each(cases)('%s', async (_, letter, { subject, says }) => {
    const person = await member();
    const answer = await reply(person, letter);
    expect(answer.subject).toBe(subject);
    expect(answer.text).toContain(says);
    expect(answer.returnPath).toBe('');
    expect(answer.header('auto-submitted')).toBe('auto-replied');
    expect(answer.header('to')).toBe(person.email);
  });

  it('and several commands of one mail one by one, up to the first line that is none', async () => {
    const person = await member();
    await person.writes({ to: request, text: 'status\nindex\nKind regards, Kim\nwho' });
    expect((await person.newMail()).map(({ subject }) => subject)).toEqual([
      'Your settings on Birds',
      'Birds: the newest posts',
    ]);
  });

  it('with an answer to its From, never to its Reply-To', async () => {
    const person = await member();
    const victim = place.town.person('victim@example.net');
    await person.writes({ to: request, text: 'status', headers: { 'Reply-To': victim.email } });
    await person.oneMail('Your settings on Birds');
    expect(await victim.newMail()).toEqual([]);
  });
});

describe('what is not for everybody', () => {
  it.each([
    ['who', 'Members of Birds', 'is shown to its members only'],
    ['index', 'Archive of Birds', 'is open to its members only'],
    ['get 1', 'Archive of Birds', 'is open to its members only'],
    ['status', /^Not on Birds/, 'is not on the mailing list'],
  ])('“%s” tells a stranger nothing', async (text, subject, says) => {
    const person = place.town.person(`stranger${++people}@example.edu`);
    await person.writes({ to: request, text });
    const answer = await person.oneMail(subject);
    expect(answer.text).toContain(says);
    expect(answer.text).not.toContain('paula');
  });

  it('an archive of owners stays closed to members', async () => {
    const person = await member();
    await place.town.addTo('owls', [person]);
    expect((await reply(person, { to: 'owls-request@lists.example.org', text: 'index' })).text).toContain(
      'is open to its owners only',
    );
  });

  it('a list that is not listed is not named', async () => {
    expect((await reply(await member(), { to: listserv, text: 'lists' })).text).not.toContain('owls');
  });
});

describe('a change by mail happens when its member has agreed', () => {
  const status = async (person: Person) => {
    await person.writes({ to: request, subject: 'status' });
    return (await person.newMail()).at(-1)?.text ?? '';
  };

  it.each<[string, LetterOut, { settings: string; posts: number }]>([
    ['set nomail', { to: request, text: 'set nomail' }, { settings: 'You get:     no mail', posts: 0 }],
    [
      'birds-nomail@',
      { to: 'birds-nomail@lists.example.org' },
      { settings: 'You get:     no mail', posts: 0 },
    ],
    // Digests are not built yet: until then their members get each post.
    [
      'set digest norepro',
      { to: listserv, text: 'SET birds DIGEST NOREPRO' },
      { settings: 'Own posts:   you do not', posts: 1 },
    ],
    ['name', { to: request, text: 'name "Kim Ravn"' }, { settings: 'Name:        Kim Ravn', posts: 1 }],
    [
      'vacation',
      { to: request, text: 'vacation until 2099-12-31' },
      { settings: 'Paused:      yes', posts: 0 },
    ],
  ])('%s', async (_, letter, { settings, posts }) => {
    const person = await member('Kim');
    const question = await reply(person, letter);
    expect(question.subject).toBe('Please confirm: change your settings on Birds');
    await person.answers(question, { text: 'ok' });
    expect((await person.oneMail('Your settings on Birds')).text).toContain(settings);
    await place.town.person('paula@example.net').writes({ to: birds, subject: 'News', text: 'One more.' });
    expect(await person.newMail()).toHaveLength(posts);
  });

  it('and not before, nor when they say no', async () => {
    const person = await member();
    const question = await reply(person, { to: request, text: 'set nomail' });
    await person.answers(question, { text: 'no' });
    await person.oneMail('Called off: Birds');
    expect(await status(person)).toContain('every post as it comes');
  });

  it('a holiday in the past is asked about', async () => {
    const answer = await reply(await member(), { to: request, text: 'vacation until 2001-01-01' });
    expect(answer.subject).toBe('Not understood: vacation until 2001-01-01');
  });

  it('what we do not do is said so', async () => {
    expect((await reply(await member(), { to: request, text: 'set conceal' })).subject).toBe(
      'Not possible by mail: set conceal',
    );
  });

  it('a new address takes over when both have agreed', async () => {
    const person = await member();
    const next = place.town.person('moved@example.net');
    await person.writes({ to: request, text: `address ${next.email}` });
    const subject = `Please confirm: ${person.email} becomes ${next.email}`;
    await next.answers(await next.oneMail(subject), { text: 'yes' });
    expect(await place.town.membersOf('birds')).not.toContain(next.email);
    await person.answers(await person.oneMail(subject), { text: 'yes' });
    await next.oneMail(`Your address is now ${next.email}`);
    const members = await place.town.membersOf('birds');
    expect([members.includes(next.email), members.includes(person.email)]).toEqual([true, false]);
  });
});

describe('nothing is answered, and nothing done, when a program asks', () => {
  it.each<[string, Partial<LetterOut>]>([
    ['Auto-Submitted', { headers: { 'Auto-Submitted': 'auto-generated' } }],
    ['Precedence: bulk', { headers: { Precedence: 'bulk' } }],
    ['a List-Id', { headers: { 'List-Id': '<other.example.org>' } }],
    ['X-Auto-Response-Suppress', { headers: { 'X-Auto-Response-Suppress': 'All' } }],
    ['the null sender', { envelopeFrom: '' }],
    ['a noreply address', { from: 'noreply@example.com', envelopeFrom: 'noreply@example.com' }],
    ['an address of ours', { from: 'owls@lists.example.org' }],
  ])('%s', async (_, letter) => {
    const person = await member();
    const before = place.town.sink.mails.length;
    expect((await person.writes({ to: request, text: 'unsubscribe', ...letter })).answer).toBe(
      '250 2.0.0 OK',
    );
    await place.town.server.idle();
    expect(place.town.sink.mails.length).toBe(before);
  });

  it('a From that names nobody is refused, for nobody could be answered', async () => {
    const { answer } = await place.town
      .person('two@example.com')
      .writes({ to: request, from: 'a@example.com, b@example.com', text: 'status' });
    expect(answer).toBe('550 5.1.7 The From field must be one plain address to act for');
  });
});

describe('no mail cannon', () => {
  const guarded = sharedTown();
  beforeAll(() => guarded.town.makeList('birds'));

  it('the same answer comes once an hour', async () => {
    const kim = guarded.town.person('kim@example.com');
    await guarded.town.addTo('birds', [kim]);
    for (let times = 0; times < 4; times++) await kim.writes({ to: request, text: 'status' });
    await kim.oneMail('Your settings on Birds');
  });

  it('a member gets ten answers a day', async () => {
    const lee = guarded.town.person('lee@example.com');
    await guarded.town.addTo('birds', [lee]);
    const lists = Array.from({ length: 12 }, (_, i) => `list${i}`);
    for (const name of lists) await guarded.town.makeList(name, [lee]);
    for (const name of lists) await lee.writes({ to: `${name}-request@lists.example.org`, text: 'help' });
    expect(await lee.newMail()).toHaveLength(10);
  });

  it('a stranger gets one in a week, whatever is asked in that name', async () => {
    const victim = guarded.town.person('victim@example.edu');
    for (const text of ['help', 'status', 'who', 'lists', 'hello'])
      await victim.writes({ to: request, text });
    await victim.oneMail('Help: Birds');
  });

  it('nothing of the mail that is answered comes back but its subject, cut', async () => {
    await guarded.town.makeList('quiet', [], { post: 'owners' });
    const olga = guarded.town.person('olga@example.org');
    await olga.writes({
      to: 'quiet@lists.example.org',
      subject: `Buy ${'x'.repeat(300)}`,
      text: 'http://spam.example',
    });
    const notice = (await olga.newMail()).find(({ subject }) => subject.startsWith('Is this mail from you?'));
    if (!notice) throw new Error('she was not asked');
    expect(notice.subject).toMatch(/“Buy x+…”$/);
    expect(notice.text).not.toContain('spam.example');
    expect(notice.subject.length).toBeLessThan(140);
  });
});
