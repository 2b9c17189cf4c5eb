import { beforeAll, describe, expect, it } from 'vitest';
import { submit } from '../support/submit.ts';
import { type LetterIn, type Person, sharedTown } from './town.ts';

const birds = 'birds@lists.example.org';
const place = sharedTown();
let olga: Person;
let dana: Person;
let root: Person;
let stranger: Person;

beforeAll(async () => {
  const { town } = place;
  olga = town.person('olga@example.org');
  dana = town.person('Dana Reyes <dana@example.com>');
  root = town.person('root@example.org');
  stranger = town.person('Sam Stranger <sam@example.edu>');
  await town.makeList('birds', [dana]);
});

describe('mail to the people behind a list', () => {
  it.each(['birds-owner', 'birds-admin', 'birds-editor', 'owner-birds', 'birds+owner'])(
    '%s@ reaches its owners as it was written',
    async (local) => {
      const to = `${local}@lists.example.org`;
      const { answer, messageId } = await stranger.writes({ to, subject: 'A question', text: 'May I?' });
      expect(answer).toMatch(/^250 2\.0\.0 passed on as \d+$/);
      const mail = await olga.oneMail('A question');
      expect(mail.header('from')).toBe('Sam Stranger <sam@example.edu>');
      expect(mail.header('message-id')).toBe(`<${messageId}>`);
      expect(mail.returnPath).toMatch(/^birds-bounces\+[0-9a-z]{15}@/);
      expect([mail.header('list-id'), mail.header('list-unsubscribe')]).toEqual(['', '']);
      expect([await dana.newMail(), await stranger.newMail()]).toEqual([[], []]);
    },
  );

  it('does not go round when an owner’s mailbox sends it back', async () => {
    await stranger.writes({ to: 'birds-owner@lists.example.org', subject: 'Round', text: 'and round' });
    const mail = await olga.oneMail('Round');
    const raw = Buffer.from(mail.data, 'latin1');
    const again = { from: olga.email, to: ['birds-owner@lists.example.org'], raw };
    expect(await submit(place.town.server.smtpPort, again)).toBe('250 2.0.0 OK');
    expect(await olga.newMail()).toEqual([]);
  });
});

describe('mail to the people behind the site', () => {
  it.each([
    'postmaster@lists.example.org',
    'PostMaster@lists.example.org',
    'postmaster',
    'abuse@lists.example.org',
  ])('%s reaches the operators', async (to) => {
    await stranger.writes({ to, subject: 'Your server', text: 'is slow' });
    const mail = await root.oneMail('Your server');
    expect(mail.header('from')).toBe('Sam Stranger <sam@example.edu>');
    expect(mail.returnPath).toBe('');
  });
});

describe('nobody reads', () => {
  it('noreply@, which says so', async () => {
    const { answer } = await stranger.writes({ to: 'noreply@lists.example.org', text: 'hello' });
    expect(answer).toBe(
      '550 5.7.1 Nobody reads noreply@lists.example.org; write to the -owner address of the list.',
    );
  });

  it('mailer-daemon@, but for reports of mail servers', async () => {
    expect((await stranger.writes({ to: 'mailer-daemon@lists.example.org' })).answer).toMatch(
      /^550 5\.7\.1 Only/,
    );
    const report = { to: 'mailer-daemon@lists.example.org', envelopeFrom: '', subject: 'Failure' };
    expect((await stranger.writes(report)).answer).toBe('250 2.0.0 OK');
  });
});

describe('a bounce', () => {
  const bounces = () =>
    place.town.server.look((db) => db.selectFrom('bounces').select('delivery_id').execute());
  let copy: LetterIn;
  beforeAll(async () => {
    await olga.writes({ to: birds, subject: 'Nests', text: 'Everywhere.' });
    copy = await dana.oneMail('Nests');
    await olga.newMail();
  });
  const report = (to: string) => ({
    to,
    envelopeFrom: '',
    from: 'Mail Delivery System <MAILER-DAEMON@mx.example.com>',
    subject: 'Undelivered Mail Returned to Sender',
    text: 'user unknown',
  });

  it('at the return path of a copy is kept for that copy', async () => {
    expect((await stranger.writes(report(copy.returnPath))).answer).toMatch(/^250 2\.0\.0 accepted/);
    const [row] = await bounces();
    const delivery = await place.town.server.look((db) =>
      db
        .selectFrom('deliveries')
        .select('recipient')
        .where('id', '=', row?.delivery_id ?? 0)
        .execute(),
    );
    expect(delivery).toEqual([{ recipient: dana.email }]);
  });

  it('with a token that is not ours moves nothing, and is answered as if it had', async () => {
    const before = await bounces();
    const forged = copy.returnPath.replace(/.@/, (end) => (end === '0@' ? '1@' : '0@'));
    expect((await stranger.writes(report(forged))).answer).toBe('250 2.0.0 OK');
    expect((await stranger.writes(report('birds-bounces@lists.example.org'))).answer).toBe('250 2.0.0 OK');
    expect(await bounces()).toEqual(before);
    expect(await place.town.membersOf('birds')).toContain(dana.email);
  });

  it('sent to the list itself is no post', async () => {
    expect((await stranger.writes(report(birds))).answer).toBe('250 2.0.0 OK');
    expect((await stranger.writes(report('birds-owner@lists.example.org'))).answer).toBe('250 2.0.0 OK');
    expect([await olga.newMail(), await dana.newMail()]).toEqual([[], []]);
  });

  it('is never answered', async () => {
    expect(await stranger.newMail()).toEqual([]);
  });
});

describe('automatic mail to a list', () => {
  it('an out-of-office reply of a member vanishes', async () => {
    const { answer } = await dana.writes({
      to: birds,
      subject: 'Automatic reply: Nests',
      text: 'I am away.',
      headers: { 'Auto-Submitted': 'auto-replied' },
    });
    expect(answer).toBe('250 2.0.0 OK');
    expect([await olga.newMail(), await dana.newMail()]).toEqual([[], []]);
  });

  it('our own copy, sent back by a forwarder, vanishes', async () => {
    await dana.writes({ to: birds, subject: 'Once', text: 'only' });
    const copy = await olga.oneMail('Once');
    await dana.newMail();
    const raw = Buffer.from(
      copy.data.replace(/^Message-ID: .*$/im, 'Message-ID: <new@example.net>'),
      'latin1',
    );
    const back = { from: dana.email, to: [birds], raw };
    expect(await submit(place.town.server.smtpPort, back)).toBe('250 2.0.0 OK');
    expect([await olga.newMail(), await dana.newMail()]).toEqual([[], []]);
  });
});
