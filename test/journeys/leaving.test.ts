import { beforeAll, describe, expect, it } from 'vitest';
import { pauseQueue } from '../../src/operations/queue/pause-queue.ts';
import { resumeQueue } from '../../src/operations/queue/resume-queue.ts';
import { type LetterIn, type Person, sharedTown } from './town.ts';

const birds = 'birds@lists.example.org';
const oneClick = { 'List-Unsubscribe': 'One-Click' };
const place = sharedTown();
beforeAll(() => place.town.makeList('birds'));

let members = 0;

/** A new member with a copy of a post in hand. */
async function member(): Promise<{ person: Person; copy: LetterIn; link: string; address: string }> {
  const person = place.town.person(`member${++members}@example.com`);
  await place.town.addTo('birds', [person]);
  await person.writes({ to: birds, subject: `Post ${members}`, text: 'Swifts.' });
  const copy = await person.oneMail(/^Post/);
  const [, link = '', address = ''] =
    /^<(https:[^>]+)>, <mailto:([^?]+)\?subject=unsubscribe>$/.exec(copy.header('list-unsubscribe')) ?? [];
  return { person, copy, link, address };
}

const isMember = async ({ email }: Person) => (await place.town.membersOf('birds')).includes(email);
const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });

describe('one click of the mail program (RFC 8058)', () => {
  it('is enough: no page, no cookie, no redirect', async () => {
    const { person, link } = await member();
    const page = await place.town.browse(link, form(oneClick));
    expect([page.status, await page.text()]).toEqual([200, '']);
    expect([page.headers.get('set-cookie'), page.headers.get('location')]).toEqual([null, null]);
    expect(await isMember(person)).toBe(false);
    expect((await person.oneMail('You have left Birds')).text).toContain(
      `Done: ${person.email} gets no more`,
    );
  });

  it('may come as multipart/form-data, and twice', async () => {
    const { person, link } = await member();
    const body = new FormData();
    body.set('List-Unsubscribe', 'One-Click');
    expect((await place.town.browse(link, { method: 'POST', body })).status).toBe(200);
    expect((await place.town.browse(link, form(oneClick))).status).toBe(200);
    await person.oneMail('You have left Birds');
  });

  it('does nothing when programs only look at the link', async () => {
    const { person, link } = await member();
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await place.town.browse(link, { method });
    expect(await isMember(person)).toBe(true);
  });

  it('does nothing with a token that is not ours', async () => {
    const { person, link } = await member();
    const forged = `${link.slice(0, -1)}${link.endsWith('0') ? '1' : '0'}`;
    expect((await place.town.browse(forged, form(oneClick))).status).toBe(404);
    expect(await isMember(person)).toBe(true);
  });
});

describe('other ways out', () => {
  it('the button of the page behind the same link', async () => {
    const { person, link } = await member();
    expect(await (await place.town.browse(link)).text()).toContain('<form method="post"');
    await place.town.browse(link, form({}));
    await person.oneMail('You have left Birds');
  });

  it('a mail to the address in List-Unsubscribe, whoever sends it', async () => {
    const { person, address } = await member();
    const helper = place.town.person('helper@example.net');
    expect((await helper.writes({ to: address, subject: 'unsubscribe' })).answer).toBe('250 2.0.0 OK');
    await person.oneMail('You have left Birds');
    expect(await helper.newMail()).toEqual([]);
    expect(await isMember(person)).toBe(false);
  });

  it('that mail in capitals, as some mail servers write addresses', async () => {
    const { person, address } = await member();
    await person.writes({ to: address.toUpperCase(), subject: 'unsubscribe' });
    await person.oneMail('You have left Birds');
  });

  it.each([
    ['birds-leave', {}],
    ['birds-unsubscribe', { subject: 'whatever' }],
    ['birds+signoff', {}],
    ['birds-request', { subject: 'unsubscribe' }],
    ['birds-request', { text: 'Bitte nehmen Sie mich aus dem Verteiler' }],
    ['birds-request', { text: 'Merci de me désinscrire' }],
    ['listserv', { text: 'SIGNOFF BIRDS' }],
    ['listserv', { text: 'signoff *' }],
  ])('a mail to %s@ with %j, confirmed by a reply', async (local, letter) => {
    const { person } = await member();
    await person.writes({ to: `${local}@lists.example.org`, ...letter });
    const question = await person.oneMail('Please confirm: leave Birds');
    expect(await isMember(person)).toBe(true);
    await person.answers(question, { text: 'yes' });
    await person.oneMail('You have left Birds');
    expect(await isMember(person)).toBe(false);
  });

  it('a mail that asks for somebody else asks them', async () => {
    const { person } = await member();
    const enemy = place.town.person('enemy@example.net');
    await enemy.writes({ to: 'birds-request@lists.example.org', text: `leave address=${person.email}` });
    expect((await person.oneMail('Please confirm: leave Birds')).text).toContain(
      'by a mail in the name of enemy@example.net',
    );
    expect(await enemy.newMail()).toEqual([]);
    expect(await isMember(person)).toBe(true);
  });

  it('somebody who is no member reads where to look', async () => {
    const person = place.town.person('nobody@example.com');
    await person.writes({ to: 'birds-leave@lists.example.org' });
    expect((await person.oneMail('Not on Birds: nobody@example.com')).text).toContain(
      'You may be subscribed with another address',
    );
  });
});

describe('a misdirected “unsubscribe”', () => {
  const html =
    '<div>Please remove me, thanks!</div><br><br><div>Sent from my iPhone</div>' +
    '<div>&gt; On 20 Nov 2026, at 10:00, Bob wrote:</div>';
  it.each([
    ['in the subject', { subject: 'Unsubscribe' }],
    ['in the text', { subject: 'Birds', text: 'please take me off this list\n\nKim' }],
    ['in HTML from a telephone', { subject: 'Re: Post', html, inReplyTo: 'x@example.com' }],
    ['in German', { subject: 'Abmelden' }],
    ['in French', { subject: 'désabonnement' }],
  ])('%s is no post: its author is asked whether to leave', async (_, letter) => {
    const { person } = await member();
    const watcher = place.town.person('olga@example.org');
    await person.writes({ to: birds, ...letter });
    const subjects = (await person.newMail()).map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(['About your mail to Birds', 'Please confirm: leave Birds']);
    expect(await watcher.newMail()).toEqual([]);
  });

  it.each([
    ['an answer that quotes one', { subject: 'Re: unsubscribe', text: 'There is a link in every mail.' }],
    ['a question about it', { subject: 'The unsubscribe link is broken', text: 'Can somebody look?' }],
    ['a refusal', { subject: 'Plans', text: "Please don't unsubscribe me" }],
  ])('%s is a post', async (_, letter) => {
    const { person } = await member();
    await person.writes({ to: birds, ...letter });
    await person.oneMail(letter.subject);
  });
});

describe('who has left', () => {
  it('gets not even the copy that was on its way', async () => {
    const { person, link } = await member();
    await place.town.operate(pauseQueue, {});
    await place.town.person('olga@example.org').writes({ to: birds, subject: 'Already queued', text: 'Hm.' });
    await place.town.browse(link, form(oneClick));
    await place.town.operate(resumeQueue, {});
    await person.oneMail('You have left Birds');
  });

  it('comes back by the link in the last mail, with the settings of before', async () => {
    const { person, link } = await member();
    await person.writes({ to: 'birds-request@lists.example.org', text: 'set norepro' });
    await person.answers(await person.oneMail(/change your settings/), { text: 'yes' });
    await person.oneMail('Your settings on Birds');
    await place.town.browse(link, form(oneClick));
    await place.town.press((await person.oneMail('You have left Birds')).link);
    expect(await isMember(person)).toBe(true);
    await person.writes({ to: birds, subject: 'Mine', text: 'I do not get this one.' });
    expect(await person.newMail()).toEqual([]);
  });

  it('is in the audit trail, with the way they took', async () => {
    const { person, link } = await member();
    await place.town.browse(link, form(oneClick));
    const rows = await place.town.server.look((db) =>
      db.selectFrom('audit').select(['actor', 'detail']).where('operation', '=', 'leave-by-token').execute(),
    );
    const row = rows.find(({ detail }) => detail.includes(person.email));
    expect(JSON.parse(row?.detail ?? '{}')).toMatchObject({ email: person.email, how: 'one-click' });
  });
});
