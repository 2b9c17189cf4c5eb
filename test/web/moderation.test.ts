import { describe, expect, test } from 'vitest';
import type { Checks } from '../../src/domain/checks.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { findHeld } from '../../src/store/held.ts';
import { deliverOne, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';
import { makeList, startSite, type TestSite } from './site.ts';

const bob = 'bob@example.org';
const mia = 'mia@example.org';
const proved = {
  identity: { class: 'verified', why: 'SPF of example.org matches', policy: 'none', temporary: false },
} as const satisfies Partial<Checks>;

interface Place {
  readonly site: TestSite;
  readonly id: number;
  readonly token: string;
  /** Mia's. */
  readonly other: string;
  press(fields: Readonly<Record<string, string>>, token?: string): ReturnType<TestSite['post']>;
  decision(): Promise<string | null | undefined>;
}

/** A post of Bo's waits; Bob and Mia were asked about it. */
async function place(
  engine: TestEngine,
  mail: { subject?: string; text?: string; from?: string } = {},
): Promise<Place> {
  const store = await engine.freshStore();
  const site = await startSite(store);
  const { desk } = site;
  await makeList(desk, { moderated: 'true' });
  await desk.operate(addMembers, {
    list: 'birds',
    members: [
      { email: bob, name: 'Bob Finch', role: 'moderator' },
      { email: mia, role: 'moderator' },
      { email: 'bo@example.org', name: 'Bo' },
    ],
  });
  await takeOutbox(desk);
  const result = await deliverOne(desk, {
    from: 'Bo <bo@example.org>',
    to: 'birds@lists.example.org',
    subject: 'Nests',
    text: 'Three eggs.\nSee https://example.net/map',
    checks: proved,
    ...mail,
  });
  const id = result.kind === 'held' ? result.id : 0;
  const mails = await takeOutbox(desk);
  const tokenOf = (email: string) => tokenIn(mails.find(({ to }) => to === email));
  const token = tokenOf(bob);
  return {
    site,
    id,
    token,
    other: tokenOf(mia),
    press: (fields, as = token) => site.post(`/c/${as}`, { token: as, post: '1', ...fields }),
    decision: async () => (await store.read((db) => findHeld(db, id)))?.decision,
  };
}

onEachEngine((engine) => {
  describe('the page of a moderator', () => {
    test('shows what was written and who wrote it, and decides nothing however it is looked at', async () => {
      const { site, token, decision } = await place(engine);
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
        for (const path of [
          `/c/${token}`,
          `/c/${token}?post=1&edit=1`,
          `/c/${token}?answer=approve&token=${token}`,
        ])
          await site.ask(path, { method, headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch' } });
      const page = await site.ask(`/c/${token}`);
      expect(page.status).toBe(200);
      for (const said of [
        'Bo &lt;bo@example.org>',
        'Nests',
        'Three eggs.',
        'yes: SPF of example.org matches',
        'this would be the first post',
        '21 Nov 2026, 12:00 (UTC)',
        'every post to this list is read by a moderator first',
      ])
        expect(page.text.replaceAll('&gt;', '>')).toContain(said);
      expect(page.text).not.toContain('href="https://example.net');
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
      expect(await decision()).toBeNull();
    });

    test.each([
      [{ answer: 'approve' }, 'approved', 'it went out as post 1.'],
      [{ answer: 'allow' }, 'approved', 'Posts of bo@example.org to Birds no longer wait.'],
      [{ answer: 'reject', reason: 'Not\r\nhere.' }, 'rejected', 'its author was told'],
      [{ answer: 'discard' }, 'discarded', 'it was dropped without a word'],
      [{ answer: 'ban' }, 'discarded', 'Whatever bo@example.org writes to Birds is dropped from now on.'],
    ])('its button %j decides', async (fields, decided, said) => {
      const { press, decision } = await place(engine);
      const page = await press(fields);
      expect([page.status, await decision()]).toEqual([200, decided]);
      expect(page.text).toContain(said);
    });

    test('says of a decided post that it waited, and of no time until which it waits', async () => {
      const { site, press, token } = await place(engine);
      expect((await site.ask(`/c/${token}`)).text).toContain('without a decision it is rejected on');
      await press({ answer: 'approve' });
      const { text } = await site.ask(`/c/${token}`);
      expect(text).toContain('A post to Birds that waited');
      expect(text).not.toMatch(/waits for you|without a decision/);
    });

    test('tells a proved author a canned reason, or the moderator’s own words', async () => {
      for (const [fields, said] of [
        [{ canned: '2', reason: '' }, 'It is advertising'],
        [{ canned: '2', reason: 'Too long.' }, 'Too long.'],
        [{ canned: '', reason: '' }, 'does not fit here'],
      ] as const) {
        const { site, press } = await place(engine);
        await press({ answer: 'reject', ...fields });
        expect((await takeOutbox(site.desk)).find(({ to }) => to === 'bo@example.org')?.text).toContain(said);
      }
    });

    test('decides nothing without the token in the form, or with a button it does not have', async () => {
      const { site, token, other, press, decision } = await place(engine);
      await site.post(`/c/${token}`, { answer: 'approve', post: '1' });
      await site.post(`/c/${token}`, { answer: 'approve', post: '1', token: other });
      await press({ answer: 'explode' });
      expect((await press({ answer: 'approve', post: '2' })).status).toBe(404);
      expect(await decision()).toBeNull();
      expect(site.errors).toEqual([]);
    });

    test('says by whom it was decided before', async () => {
      const { site, press, other } = await place(engine);
      await press({ answer: 'approve' });
      const late = await press({ answer: 'discard' }, other);
      expect(late.status).toBe(409);
      expect(late.text).toContain('already approved by Bob Finch at 12:00 (UTC)');
      const page = await site.ask(`/c/${other}`);
      expect(page.text).toContain('It was approved by Bob Finch at 12:00 (UTC).');
      expect(page.text).not.toContain('<button');
    });

    test('shows the others who is looking into it, until nobody is', async () => {
      const { site, press, other } = await place(engine);
      await press({ answer: 'claim' });
      const seen = await site.ask(`/c/${other}`);
      expect(seen.text).toContain('Bob Finch has been looking into it since 12:00 (UTC).');
      expect((await site.desk.operate(listHeld, {}))[0]?.claim?.by).toContain(bob);
      await press({ answer: 'release' }, other);
      expect((await site.ask(`/c/${other}`)).text).not.toContain('has been looking');
    });

    test('lets nobody else claim what somebody looks into, for four hours', async () => {
      const { site, press, other } = await place(engine);
      const claim = async () => (await site.desk.operate(listHeld, {}))[0]?.claim?.by;
      await press({ answer: 'claim' });
      expect((await press({ answer: 'claim' })).text).toContain('you are looking into it');
      const refused = await press({ answer: 'claim' }, other);
      expect(refused.text).toContain(
        'Bob Finch has been looking into it since 12:00 (UTC). Once it is released',
      );
      expect(await claim()).toContain(bob);
      site.desk.now += 4 * 3_600_000 - 1;
      await press({ answer: 'claim' }, other);
      expect(await claim()).toContain(bob);
      site.desk.now += 1;
      await press({ answer: 'claim' }, other);
      expect(await claim()).toContain(mia);
    });

    test('is closed to somebody who moderates no more', async () => {
      const { site, token, press, decision } = await place(engine);
      await site.desk.operate(setMember, { list: 'birds', email: bob, changes: { role: 'member' } });
      const page = await site.ask(`/c/${token}`);
      expect(page.status).toBe(403);
      expect(page.text).not.toContain('Three eggs');
      expect((await press({ answer: 'approve' })).status).toBe(403);
      expect(await decision()).toBeNull();
    });

    test('shows a Subject without what turns its direction, and an untouched one is no edit', async () => {
      const { site, token, press } = await place(engine, { subject: 'Nests \u202egpj.exe\u0007' });
      const page = (await site.ask(`/c/${token}`)).text;
      expect(page).toContain('Nests gpj.exe');
      expect(page).not.toContain('\u202e');
      await takeOutbox(site.desk);
      await press({ answer: 'approve', subject: 'Nests gpj.exe' });
      const copy = (await takeOutbox(site.desk)).find(({ kind }) => kind === 'post');
      expect(copy?.header('From')).not.toContain('edited');
      expect(copy?.raw.toString()).not.toMatch(/edited by/i);
    });

    test('edits: the post has another subject and text, and stays its author’s in the archive', async () => {
      const { site, token, press } = await place(engine, { text: 'Three eggs. <b>You idiots!</b>' });
      const form = await site.ask(`/c/${token}?post=1&edit=1`);
      expect(form.text).toContain('Three eggs. &lt;b>You idiots!&lt;/b>'.replaceAll('>', '&gt;'));
      await press({ answer: 'approve', subject: 'Nests\r\nBcc: x', text: 'Three eggs.\r\n\r\n– Grüße' });
      const [copy] = await takeOutbox(site.desk);
      expect(copy?.from).toBe('Bo <bo@example.org>');
      expect(copy?.subject).toBe('Nests Bcc: x');
      expect(copy?.text.replaceAll('\r\n', '\n')).toBe('Three eggs.\n\n– Grüße\n');
      expect(copy?.header('X-Moderated-Edit')).toBe('bob');
    });
  });
});
