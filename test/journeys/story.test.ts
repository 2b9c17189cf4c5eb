import { beforeAll, describe, expect, it } from 'vitest';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { reopenList } from '../../src/operations/lists/reopen-list.ts';
import { approveHeld, discardHeld, rejectHeld } from '../../src/operations/moderation/decide-held.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { onEachEngine } from '../support/stores.ts';
import { type LetterIn, type Person, sharedTown } from './town.ts';

const birds = 'birds@lists.example.org';

/** The tests of the group are the chapters of one story: each goes on where the one before ended. */
onEachEngine((engine) => {
  describe('the life of a list', () => {
    const place = sharedTown({ engine });
    let olga: Person;
    let dana: Person;
    let bob: Person;
    let eve: Person;
    let question: LetterIn;
    let copies: readonly LetterIn[];
    let firstMail: string;
    let firstPost: string;

    beforeAll(() => {
      olga = place.town.person('Olga Berg <olga@example.org>');
      dana = place.town.person('Dana Reyes <dana@example.com>');
      bob = place.town.person('bob@example.net');
      eve = place.town.person('Eve Stranger <eve@example.edu>');
    });

    const find = async (query: string) =>
      (await place.town.operate(searchArchive, { query })).posts.map(({ subject }) => subject);
    const everybody = () => Promise.all([olga, dana, bob].map((person) => person.newMail()));
    const nobodyGotMail = async () => expect((await everybody()).flat()).toEqual([]);
    const waiting = async () => {
      const [held] = await place.town.operate(listHeld, {});
      if (!held) throw new Error('nothing is held');
      return held;
    };

    it('begins with its owner and one member', async () => {
      // What newcomers and other lists send waits elsewhere: test/operations/who-may-post.test.ts.
      await place.town.makeList('birds', [bob], { hold_first_posts: '0', other_lists: 'accept' });
      expect(await place.town.membersOf('birds')).toEqual([bob.email, olga.email]);
    });

    it('a stranger writes to birds-join@ and is asked whether it was really her', async () => {
      const { answer, messageId } = await dana.writes({
        to: 'birds-join@lists.example.org',
        subject: 'hello?',
      });
      expect(answer).toBe('250 2.0.0 OK');
      firstMail = messageId;
      question = await dana.oneMail('Please confirm: join Birds');
      expect(question.text).toContain('asked to add dana@example.com');
      expect(question.link).toMatch(/^https:\/\/lists\.example\.org\/c\/[0-9a-hjkmnp-tv-z]{15}$/);
      expect(await place.town.membersOf('birds')).not.toContain(dana.email);
      await nobodyGotMail();
    });

    it('the question is a mail that no program answers and no filter files away', () => {
      expect(question.header('from')).toMatch(
        /^"Birds \(mailing list\)" <birds-confirm\+[0-9a-z]{15}@lists\.example\.org>$/,
      );
      expect(question.returnPath).toMatch(/^birds-bounces\+[0-9a-z]{15}@lists\.example\.org$/);
      expect(question.header('to')).toBe('dana@example.com');
      expect(question.header('auto-submitted')).toBe('auto-replied');
      expect(question.header('x-auto-response-suppress')).toBe('OOF, AutoReply');
      expect(question.header('in-reply-to')).toBe(`<${firstMail}>`);
      expect([question.header('list-id'), question.header('precedence')]).toEqual(['', '']);
      expect(question.text.trim().split('\n').length).toBeLessThanOrEqual(12);
    });

    it('her reply of one word makes her a member, and she is welcomed', async () => {
      await dana.answers(question, { text: 'yes\n\n> To join, simply reply to this mail' });
      const welcome = await dana.oneMail('You are now on Birds');
      expect(welcome.text).toContain('To write to everybody:  birds@lists.example.org');
      expect(welcome.header('list-id')).toBe('Birds <birds.lists.example.org>');
      expect(await place.town.membersOf('birds')).toContain(dana.email);
      await nobodyGotMail();
    });

    it('her post reaches every member, herself too', async () => {
      const { answer, messageId } = await dana.writes({
        to: birds,
        subject: 'Two ospreys at Lake Mire',
        text: 'On the old platform.\n.\n..and a dot. Grüße',
        headers: { 'X-Mailer': 'Quill 1', 'List-Id': '<other.example.org>', 'Return-Receipt-To': dana.email },
      });
      expect(answer).toMatch(/^250 2\.0\.0 accepted as \d+$/);
      firstPost = messageId;
      copies = (await everybody()).flat();
      expect(copies.map(({ to }) => to)).toEqual([olga.email, dana.email, bob.email]);
    });

    it('each copy says how to leave, to whom to write, and where the archive is', () => {
      for (const copy of copies) {
        expect(copy.header('list-id')).toBe('Birds <birds.lists.example.org>');
        expect(copy.header('list-post')).toBe('<mailto:birds@lists.example.org>');
        expect(copy.header('list-help')).toBe(
          '<mailto:birds-request@lists.example.org?subject=help>, <https://lists.example.org/birds/help>',
        );
        expect(copy.header('list-subscribe')).toBe(
          '<https://lists.example.org/birds/join>, <mailto:birds-join@lists.example.org>',
        );
        expect(copy.header('list-owner')).toBe('<mailto:birds-owner@lists.example.org>');
        expect(copy.header('list-archive')).toBe('<https://lists.example.org/birds/>');
        expect(copy.header('archived-at')).toMatch(
          /^<https:\/\/lists\.example\.org\/birds\/m\/[A-Z2-7]{32}>$/,
        );
        expect(copy.header('list-unsubscribe')).toMatch(
          /^<https:\/\/lists\.example\.org\/u\/[0-9a-z]{23}>, <mailto:birds-leave\+[0-9a-z]{15}@lists\.example\.org\?subject=unsubscribe>$/,
        );
        expect(copy.header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
        expect(copy.header('precedence')).toBe('list');
        expect(copy.header('x-beenthere')).toBe(birds);
        expect(copy.returnPath).toMatch(/^birds-bounces\+[0-9a-z]{15}@lists\.example\.org$/);
      }
      const own = (what: (copy: LetterIn) => string) => new Set(copies.map(what)).size;
      expect(own((copy) => copy.returnPath)).toBe(3);
      expect(own((copy) => copy.header('list-unsubscribe'))).toBe(3);
    });

    it('of what she wrote nothing is changed but what would spy or mislead', () => {
      for (const copy of copies) {
        expect(copy.header('from')).toBe('Dana Reyes <dana@example.com>');
        expect(copy.header('to')).toBe(birds);
        expect(copy.subject).toBe('Two ospreys at Lake Mire');
        expect(copy.header('message-id')).toBe(`<${firstPost}>`);
        expect(copy.header('x-mailer')).toBe('Quill 1');
        expect(copy.header('x-original-list-id')).toBe('<other.example.org>');
        expect([copy.header('return-receipt-to'), copy.header('reply-to'), copy.header('sender')]).toEqual([
          '',
          '',
          '',
        ]);
        const body = copy.data.slice(copy.data.indexOf('\r\n\r\n') + 4);
        expect(Buffer.from(body, 'latin1').toString()).toBe(
          'On the old platform.\r\n.\r\n..and a dot. Grüße\r\n',
        );
      }
    });

    it('it is post number 1 of the archive, byte for byte as she sent it', async () => {
      const { posts } = await place.town.operate(searchArchive, { query: 'ospreys' });
      const post = await place.town.operate(showPost, { id: posts[0]?.id });
      expect(post).toMatchObject({ number: 1, list: birds, authorName: 'Dana Reyes', messageId: firstPost });
      expect(copies[0]?.header('archived-at')).toBe(`<${post.url}>`);
      expect(post.text).toContain('On the old platform.');
      expect(post.raw.toString()).toContain('List-Id: <other.example.org>\r\n');
      expect(post.raw.toString()).not.toContain('Received:');
    });

    it('it is found by its words, its author, its subject and its day', async () => {
      const subject = ['Two ospreys at Lake Mire'];
      for (const query of ['platform', 'from:dana ospreys', 'subject:mire', '"old platform"', 'GRUße']) {
        expect([query, await find(query)]).toEqual([query, subject]);
      }
      for (const query of ['kestrel', 'platform -ospreys', 'from:bob', 'before:2020-01-01', 'has:attachment'])
        expect([query, await find(query)]).toEqual([query, []]);
    });

    it('an answer to it belongs to the same thread', async () => {
      const { messageId } = await bob.writes({
        to: birds,
        subject: 'Re: Two ospreys at Lake Mire',
        text: 'A blue ring, left leg.',
        inReplyTo: firstPost,
      });
      await dana.writes({
        to: birds,
        subject: 'Re: Two ospreys at Lake Mire',
        text: 'The pair of last year!',
        inReplyTo: messageId,
      });
      await everybody();
      const { posts } = await place.town.operate(searchArchive, { query: 'ring' });
      const { thread } = await place.town.operate(showPost, { id: posts[0]?.id });
      expect(thread.map(({ number, depth }) => [number, depth])).toEqual([
        [1, 0],
        [2, 1],
        [3, 2],
      ]);
    });

    it('a mail that is sent again, because its 250 was lost, is taken and goes out once', async () => {
      const letter = { to: birds, subject: 'Twice', text: 'Once.', messageId: 'again@example.com' };
      const first = await dana.writes(letter);
      const second = await dana.writes(letter);
      expect(second.answer).toBe(first.answer);
      expect((await everybody()).map((mails) => mails.length)).toEqual([1, 1, 1]);
      expect(await find('subject:twice')).toEqual(['Twice']);
    });

    it('“unsubscribe”, sent to the list itself, reaches nobody but its author', async () => {
      const { answer } = await bob.writes({
        to: birds,
        subject: 'unsubscribe',
        text: 'Please remove me, thanks!',
      });
      expect(answer).toBe('250 2.0.0 OK');
      const answers = await bob.newMail();
      expect(answers.map(({ subject }) => subject).sort()).toEqual([
        'About your mail to Birds',
        'Please confirm: leave Birds',
      ]);
      await nobodyGotMail();
      const anyway = answers.find(({ subject }) => subject.startsWith('About'));
      expect(anyway?.text).toContain('so it did not go out to\nall 3 members');
      await place.town.press(anyway?.link);
      expect((await everybody()).map((mails) => mails.map(({ subject }) => subject))).toEqual([
        ['unsubscribe'],
        ['unsubscribe'],
        ['unsubscribe'],
      ]);
      expect(await place.town.membersOf('birds')).toContain(bob.email);
    });

    it('a stranger’s post waits; she reads it in the answer of the server and gets no mail', async () => {
      const { answer } = await eve.writes({ to: birds, subject: 'Which seeds?', text: 'For the winter.' });
      expect(answer).toMatch(/^250 2\.0\.0 held for a moderator as \d+$/);
      expect(await eve.newMail()).toEqual([]);
      expect((await olga.oneMail(/Which seeds/)).text).toContain(
        'eve@example.edu is not a member of this list',
      );
      await nobodyGotMail();
      expect((await waiting()).reasons.map(({ rule }) => rule)).toEqual(['not-a-member']);
      expect(await find('seeds')).toEqual([]);
    });

    it('the operator lets it through, and it arrives as she wrote it', async () => {
      await place.town.operate(approveHeld, { id: (await waiting()).id });
      const copy = await dana.oneMail('Which seeds?');
      expect(copy.header('from')).toBe('Eve Stranger <eve@example.edu>');
      expect(copy.text.trim()).toBe('For the winter.');
      expect((await everybody()).map((mails) => mails.length)).toEqual([1, 0, 1]);
      expect(await find('seeds')).toEqual(['Which seeds?']);
    });

    it('another is refused and one discarded: nobody but who moderates hears of either', async () => {
      await eve.writes({ to: birds, subject: 'Cheap watches', text: 'Buy.' });
      await place.town.operate(rejectHeld, { id: (await waiting()).id, reason: 'No trade here.' });
      await eve.writes({ to: birds, subject: 'Cheaper watches', text: 'Buy.' });
      await place.town.operate(discardHeld, { id: (await waiting()).id });
      expect(await eve.newMail()).toEqual([]);
      expect((await olga.newMail()).map(({ subject }) => subject)).toEqual([
        expect.stringMatching(/Cheap watches/),
        expect.stringMatching(/Cheaper watches/),
      ]);
      await nobodyGotMail();
    });

    it('on a moderated list a member’s post waits; he reads so in the answer, for nothing proves that he wrote it', async () => {
      await place.town.makeList('news', [bob, dana], { moderated: 'true' });
      const { answer } = await bob.writes({ to: 'news@lists.example.org', subject: 'A flyer', text: 'See.' });
      expect(answer).toMatch(/^250 2\.0\.0 held for a moderator as \d+$/);
      await place.town.operate(rejectHeld, { id: (await waiting()).id, reason: 'Too many flyers today.' });
      expect(await bob.newMail()).toEqual([]);
    });

    it('one mail to two lists is one post in each, and each member gets one copy of each', async () => {
      const { answer } = await bob.writes({ to: birds, alsoTo: ['news@lists.example.org'], subject: 'Both' });
      expect(answer).toMatch(/^250 2\.0\.0 accepted as \d+; held for a moderator as \d+$/);
      await place.town.operate(approveHeld, { id: (await waiting()).id });
      const copies = await bob.newMail();
      expect(copies.map((mail) => mail.header('list-id')).sort()).toEqual([
        'Birds <birds.lists.example.org>',
        'News <news.lists.example.org>',
      ]);
      await everybody();
    });

    it('a member leaves by one click of her mail program, and gets no further post', async () => {
      const link = /<(https:[^>]+)>/.exec(copies[1]?.header('list-unsubscribe') ?? '')?.[1] ?? '';
      const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
      const page = await place.town.browse(link, { method: 'POST', body });
      expect([page.status, await page.text(), page.headers.get('set-cookie')]).toEqual([200, '', null]);
      const goodbye = await dana.oneMail('You have left Birds');
      expect(await place.town.membersOf('birds')).not.toContain(dana.email);
      await bob.writes({ to: birds, subject: 'Without her' });
      expect(await dana.newMail()).toEqual([]);
      await place.town.press(goodbye.link);
      expect(await place.town.membersOf('birds')).toContain(dana.email);
      await bob.writes({ to: birds, subject: 'With her again' });
      await dana.oneMail('With her again');
      await everybody();
    });

    it('under a new name it answers to the old one too, and stays the same list for everybody’s filters', async () => {
      await place.town.operate(renameList, { list: birds, address: 'ornis@lists.example.org' });
      await bob.writes({ to: birds, subject: 'To the old address' });
      const copy = await dana.oneMail('To the old address');
      expect(copy.header('list-id')).toBe('Birds <birds.lists.example.org>');
      expect(copy.header('list-post')).toBe('<mailto:ornis@lists.example.org>');
      await everybody();
    });

    it('closed, it takes no post and no newcomer, and people still leave', async () => {
      await place.town.operate(closeList, { list: 'ornis@lists.example.org' });
      const refusal =
        '550 5.7.1 This list is closed: it takes no posts and no new members. See https://lists.example.org/ornis/';
      expect((await bob.writes({ to: 'ornis@lists.example.org', subject: 'Too late' })).answer).toBe(refusal);
      expect((await eve.writes({ to: 'birds-join@lists.example.org' })).answer).toBe(refusal);
      await dana.writes({ to: 'ornis-leave@lists.example.org' });
      await dana.answers(await dana.oneMail('Please confirm: leave Birds'), { text: 'ok' });
      await dana.oneMail('You have left Birds');
      await nobodyGotMail();
    });

    it('reopened, it is as it was', async () => {
      await place.town.operate(reopenList, { list: 'ornis@lists.example.org' });
      await bob.writes({ to: 'ornis@lists.example.org', subject: 'Here again' });
      await olga.oneMail('Here again');
      expect(await dana.newMail()).toEqual([]);
      expect(await find('from:dana platform')).toEqual(['Two ospreys at Lake Mire']);
    });
  });
});
