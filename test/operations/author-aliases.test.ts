import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import type { Authentication } from '../../src/domain/authentication.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { HeaderAction } from '../../src/domain/header-rule.ts';
import type { Posting } from '../../src/domain/membership.ts';
import type { SenderAction } from '../../src/domain/sender-rule.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { approveHeld } from '../../src/operations/moderation/decide-held.ts';
import { setHeaderRule } from '../../src/operations/rules/set-header-rule.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { moveAddress } from '../../src/store/move-address.ts';
import { suppress } from '../../src/store/suppressions.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliver, deliverOne, type Letter, takeOutbox } from '../support/letterbox.ts';
import { takeOutgoing } from '../support/outgoing.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const list = 'birds@lists.example.org';
const alice = 'alice@reject.example';
const bob = 'bob@example.com';
const mia = 'mia@example.com';
const max = { kind: 'verified', email: 'max@example.edu' as Address } as const;

/** Checks of a mail whose author is who the From says, and whose domain asks for this; nothing is signed. */
function verified(email: string, policy: Authentication['dmarc']['policy'] = 'none'): Partial<Checks> {
  const domain = email.slice(email.indexOf('@') + 1);
  const authentication: Authentication = {
    by: { kind: 'ourselves' },
    spf: { result: 'pass', domain },
    dkim: [],
    dmarc: { result: 'pass', domain, policy, aligned: { spf: true, dkim: false } },
    arc: { result: 'none', dmarcPassed: false },
  };
  const identity = { ...unchecked.identity, class: 'verified', why: 'SPF', policy, authentication } as const;
  return { identity };
}

async function birds(engine: TestEngine, settings: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
  await desk.operate(createList, { address: list, title: 'Birds', owners: [mia] });
  await desk.operate(addMembers, { list, members: [{ email: alice }, { email: bob }] });
  if (Object.keys(settings).length > 0) await desk.operate(setList, { list, changes: settings });
  await takeOutbox(desk);
  await takeOutgoing(desk);
  return desk;
}

const post = (desk: Desk, letter: Partial<Letter> = {}) =>
  deliverOne(desk, {
    from: `Alice Liddell <${alice}>`,
    to: list,
    subject: 'Nests',
    checks: verified(alice, 'reject'),
    ...letter,
  });

/** Alice posts; the address that stands in her From. */
async function aliasOfAlice(desk: Desk): Promise<string> {
  await post(desk);
  const [copy] = await takeOutgoing(desk);
  await takeOutbox(desk);
  return /<(birds-from\+[^>]+)>/.exec(copy?.header('From') ?? '')?.[1] ?? '';
}

const writeTo = (desk: Desk, to: string, letter: Partial<Letter> = {}) =>
  deliverOne(desk, {
    from: `Bob <${bob}>`,
    to,
    subject: 'Yours',
    text: 'Hello Alice',
    checks: verified(bob),
    ...letter,
  });

const countAliases = (desk: Desk) =>
  desk.store.read((db) => db.selectFrom('author_aliases').selectAll().execute()).then((rows) => rows.length);

onEachEngine((engine) => {
  describe('a post whose author’s domain wants unproved mail refused', () => {
    test('goes out under an alias, with the author where answers go and beside it', async () => {
      const desk = await birds(engine);
      await post(desk);
      const [copy] = await takeOutgoing(desk);
      expect(copy?.header('From')).toMatch(
        /^Alice Liddell via Birds <birds-from\+[0-9a-z]{15}@lists\.example\.org>$/,
      );
      expect(copy?.header('Reply-To')).toBe(`Alice Liddell <${alice}>`);
      expect(copy?.header('X-Original-From')).toBe(`Alice Liddell <${alice}>`);
      const [stored] = await takeOutbox(desk);
      expect(stored?.from).toBe(`Alice Liddell <${alice}>`);
    });

    test('has the same alias in every post, another one on another list', async () => {
      const desk = await birds(engine);
      const first = await aliasOfAlice(desk);
      expect(await aliasOfAlice(desk)).toBe(first);
      await desk.operate(createList, { address: 'fish', owners: [alice] });
      await takeOutgoing(desk);
      await post(desk, { to: 'fish@lists.example.org' });
      const [copy] = await takeOutgoing(desk);
      expect(copy?.header('From')).toContain('fish-from+');
      expect(await countAliases(desk)).toBe(2);
    });

    test('of somebody who is no member has them beside the list, where answers go to the list', async () => {
      const desk = await birds(engine, { post: 'anyone', reply_to: 'list' });
      const eve = 'eve@reject.example';
      await post(desk, { from: `Eve <${eve}>`, checks: verified(eve, 'reject') });
      await post(desk);
      const answers = (await takeOutgoing(desk)).map((copy) => copy.header('Reply-To'));
      expect(answers).toEqual([`${list}, Eve <${eve}>`, list]);
    });

    test('goes out from the list where that is wished', async () => {
      const desk = await birds(engine, { dmarc_from: 'list' });
      await post(desk);
      const [copy] = await takeOutgoing(desk);
      expect(copy?.header('From')).toBe(`Alice Liddell via Birds <${list}>`);
      expect(await countAliases(desk)).toBe(0);
    });

    test('goes out whole inside a mail of the list where that is wished', async () => {
      const desk = await birds(engine, { dmarc: 'wrap', subject_tag: '[Birds]' });
      await post(desk, { text: 'Two eggs.' });
      const [copy] = await takeOutgoing(desk);
      expect(copy?.header('Subject')).toBe('[Birds] Nests');
      expect(copy?.header('Content-Type')).toBe('message/rfc822');
      expect(copy?.raw.toString()).toMatch(
        /\r\n\r\nFrom: Alice Liddell <alice@reject\.example>\r\n[\s\S]*\r\nSubject: Nests\r\n[\s\S]*Two eggs\.\r\n$/,
      );
    });
  });

  test('an author whose domain asks for nothing keeps their From, and no alias is made', async () => {
    const desk = await birds(engine);
    await post(desk, { from: `Bob <${bob}>`, checks: verified(bob) });
    const [copy] = await takeOutgoing(desk);
    expect(copy?.header('From')).toBe(`Bob <${bob}>`);
    expect(await countAliases(desk)).toBe(0);
  });

  test('a post that a moderator edited goes out under its author’s alias, whatever the domain asks for', async () => {
    const desk = await birds(engine, { moderated: 'true' });
    const held = await post(desk, { from: `Bob <${bob}>`, checks: verified(bob) });
    await takeOutgoing(desk);
    await desk.operate(approveHeld, { id: 'id' in held ? held.id : 0, subject: 'Two nests' });
    const [copy] = await takeOutgoing(desk);
    expect(copy?.header('From')).toMatch(/^Bob via Birds <birds-from\+/);
    expect(copy?.header('Reply-To')).toBe(`Bob <${bob}>`);
    expect(copy?.header('X-Moderated-Edit')).toBe('operator');
  });

  describe('mail to an author’s alias', () => {
    test('reaches the author as it was written, with a trace, and comes back to us', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      expect(await writeTo(desk, to)).toMatchObject({ kind: 'passed-on' });
      expect(await takeOutbox(desk)).toMatchObject([{ to: alice, kind: 'forward', returnPath: 'verp' }]);
      const [mail] = await takeOutgoing(desk);
      expect(mail?.raw.toString()).toMatch(
        new RegExp(
          `^Authentication-Results: lists\\.example\\.org; dmarc=pass[\\s\\S]*?\r\nX-BeenThere: ${to.replace('+', '\\+')}\r\nReceived: from [\\s\\S]*\r\nFrom: Bob <bob@example\\.com>\r\nTo: birds-from`,
        ),
      );
    });

    test('is written in any letters, and under the list’s earlier name', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      expect(await writeTo(desk, to.toUpperCase())).toMatchObject({ kind: 'passed-on' });
      await desk.operate(renameList, { list, address: 'vogels' });
      expect(await writeTo(desk, to)).toMatchObject({ kind: 'passed-on' });
    });

    test('of a member whose own domain wants it refused goes out under theirs', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      await writeTo(desk, to, { checks: verified(bob, 'reject') });
      const [mail] = await takeOutgoing(desk);
      expect(mail?.header('From')).toMatch(/^Bob via Birds <birds-from\+/);
      expect(mail?.header('From')).not.toContain(to);
      expect(mail?.header('Reply-To')).toBe(`Bob <${bob}>`);
    });

    test('finds an author who has moved', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      const moved = { from: alice as never, to: 'alice@new.example' as never, now: desk.now };
      await desk.store.write((tx) => moveAddress(tx, moved));
      await writeTo(desk, to);
      expect((await takeOutbox(desk)).map((sent) => sent.to)).toEqual(['alice@new.example']);
    });

    test('finds one who has moved to an address that has an alias, and then on; who has the former one now gets another', async () => {
      const desk = await birds(engine);
      const former = await aliasOfAlice(desk);
      const next = 'alice@next.example';
      const last = 'alice@last.example';
      await desk.operate(addMembers, { list, members: [{ email: next }, { email: last }] });
      for (const email of [next, last])
        await post(desk, { from: `Alice <${email}>`, checks: verified(email, 'reject') });
      const others = (await takeOutgoing(desk)).map((copy) => copy.header('From'));
      await takeOutbox(desk);
      const move = (from: string, to: string) =>
        desk.store.write((tx) => moveAddress(tx, { from: from as never, to: to as never, now: desk.now }));
      await move(alice, next);
      await writeTo(desk, former);
      await move(next, last);
      await writeTo(desk, former);
      expect((await takeOutbox(desk)).map((sent) => sent.to)).toEqual([next, last]);
      await takeOutgoing(desk);
      await post(desk, { from: last, checks: verified(last, 'reject') });
      expect((await takeOutgoing(desk))[0]?.header('From')).toContain(
        /<[^>]+>/.exec(others[1] ?? '')?.[0] ?? '?',
      );
      await desk.operate(addMembers, { list, members: [{ email: alice }] });
      expect([former, '']).not.toContain(await aliasOfAlice(desk));
    });

    test('finds one who has left', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      await desk.operate(removeMembers, { list, emails: [alice] });
      await takeOutbox(desk);
      await writeTo(desk, to);
      expect((await takeOutbox(desk)).map((sent) => sent.to)).toEqual([alice]);
    });

    const refusal = (why: string) => ({ kind: 'refused', code: 550, enhanced: '5.7.1', why });
    const toTheList = `Please write to the list: ${list}`;
    const membersOnly = refusal(
      `Only members of ${list} can write to one of its authors, with mail that proves who sent it. To join, write to birds-join@lists.example.org`,
    );
    const moderated = refusal(
      `This address is for members whose posts no moderator has to read. ${toTheList}`,
    );
    test.each<[string, Partial<Letter>, object]>([
      ['nobody proved', { checks: {} }, membersOnly],
      [
        'of somebody who is no member',
        { from: 'eve@example.net', checks: verified('eve@example.net') },
        membersOnly,
      ],
      [
        'disowned by its domain',
        {
          checks: {
            identity: { ...unchecked.identity, class: 'failed', why: 'it fails DMARC', policy: 'reject' },
          },
        },
        { kind: 'refused', code: 550 },
      ],
      [
        'that the filter marks',
        { checks: { ...verified(bob), spam: { action: 'mark', score: 9, symbols: [] } } },
        { kind: 'refused', code: 550 },
      ],
      ['that a program wrote', { headers: ['Auto-Submitted: auto-replied'] }, { kind: 'dropped' }],
      ['without a return path', { envelopeSender: '' }, { kind: 'dropped' }],
      ['longer than the list allows', { text: 'x'.repeat(6 << 20) }, { kind: 'refused', code: 552 }],
      [
        'whose author DNS could not prove just now',
        { checks: { identity: { ...unchecked.identity, temporary: true } } },
        { kind: 'refused', code: 451 },
      ],
    ])('%s is not passed on, and says nothing about the author', async (_, letter, result) => {
      const desk = await birds(engine);
      const answer = await writeTo(desk, await aliasOfAlice(desk), letter);
      expect(answer).toMatchObject(result);
      expect(JSON.stringify(answer)).not.toContain('alice');
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('whose author DNS could not prove does not keep its copy for the list from it for ever', async () => {
      const desk = await birds(engine, { spoof_protection: 'off', require_addressed: 'false' });
      const to = [await aliasOfAlice(desk), list];
      const checks = { identity: { ...unchecked.identity, temporary: true } };
      const mail = { from: `Bob <${bob}>`, to, subject: 'Re: Nests', messageId: 'a@example.com', checks };
      expect(await deliver(desk, mail)).toMatchObject([{ code: 451 }, { code: 451 }]);
      desk.now += 4 * 3_600_000;
      expect(await deliver(desk, mail)).toMatchObject([membersOnly, { kind: 'accepted' }]);
    });

    test.each<Standing>([
      [
        'a rule about headers of a moderator',
        (desk) => desk.perform(setHeaderRule, max, { list, field: 'From', pattern: 'mia', action: 'reject' }),
      ],
      [
        'a ban of a moderator from before',
        async (desk) => {
          await desk.operate(setMember, { list, email: mia, changes: { role: 'member' } });
          await desk.perform(setSenderRule, max, { list, pattern: mia, action: 'reject' });
          await desk.operate(setMember, { list, email: mia, changes: { role: 'owner' } });
        },
      ],
    ])('of an owner is passed on whatever %s says', async (_, set) => {
      const desk = await birds(engine);
      const members = [max.email, 'olga@example.com'].map((email) => ({
        email,
        role: email === max.email ? 'moderator' : 'owner',
      }));
      await desk.operate(addMembers, { list, members });
      const to = await aliasOfAlice(desk);
      await set(desk);
      expect(await writeTo(desk, to, { from: mia, checks: verified(mia) })).toMatchObject({
        kind: 'passed-on',
      });
    });

    type Standing = readonly [name: string, set: (desk: Desk) => Promise<unknown>];
    const setPosting = (posting: Posting) => (desk: Desk) =>
      desk.operate(setMember, { list, email: bob, changes: { posting } });
    const newcomer = async (desk: Desk) => {
      await desk.operate(setList, { list, changes: { hold_first_posts: '1' } });
      await desk.store.write((tx) => tx.updateTable('memberships').set({ trusted_at: null }).execute());
    };
    const sender = (action: SenderAction, where: string | null) => (desk: Desk) =>
      desk.operate(setSenderRule, { list: where, pattern: bob, action });
    const header = (action: HeaderAction) => (desk: Desk) =>
      desk.operate(setHeaderRule, { list, field: 'Subject', pattern: '/yours/', action });

    test.each<Standing>([
      ['whose posts a moderator does not want', setPosting('reject')],
      ['whose posts a moderator reads first', setPosting('hold')],
      ['whose first post is still to be read', newcomer],
      ['who is banned from the list', sender('discard', list)],
      ['whom the site refuses', sender('reject', null)],
      ['whom owners read first', sender('hold', list)],
      ['whose mail a rule about headers keeps out', header('reject')],
    ])('of a member %s is no way around that', async (_, set) => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      await set(desk);
      expect(await writeTo(desk, to)).toMatchObject(moderated);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test.each<Standing>([
      ['who may always post', setPosting('accept')],
      [
        'who is a newcomer that owners allow',
        async (desk) => {
          await newcomer(desk);
          await sender('allow', list)(desk);
        },
      ],
      ['whose mail a rule about headers allows', header('accept')],
    ])('of a member %s is passed on', async (_, set) => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      await set(desk);
      expect(await writeTo(desk, to)).toMatchObject({ kind: 'passed-on' });
    });

    test('with a token that is not ours, or of another list, is to nobody', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      await desk.operate(createList, { address: 'fish', owners: [bob] });
      await takeOutbox(desk);
      const nobody = { kind: 'refused', code: 550, enhanced: '5.1.1' };
      expect(await writeTo(desk, `birds-from+${'0'.repeat(15)}@lists.example.org`)).toMatchObject(nobody);
      expect(await writeTo(desk, to.replace('birds', 'fish'))).toMatchObject(nobody);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('to one who wants no mail from here is not passed on', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      const wish = { email: alice, listId: 0, reason: 'never', now: desk.now } as const;
      await desk.store.write((tx) => suppress(tx, wish));
      expect(await writeTo(desk, to)).toMatchObject(
        refusal(`This author takes no mail by way of the list. ${toTheList}`),
      );
    });

    test('comes to fifty a day of one sender', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      for (let i = 0; i < 50; i++) expect(await writeTo(desk, to)).toMatchObject({ kind: 'passed-on' });
      expect(await writeTo(desk, to)).toMatchObject({ kind: 'refused', code: 450 });
    });

    test('that has been there before ends', async () => {
      const desk = await birds(engine);
      const to = await aliasOfAlice(desk);
      expect(await writeTo(desk, to, { headers: [`X-BeenThere: ${to}`] })).toMatchObject({ kind: 'dropped' });
    });
  });

  test('mail to the owners whose sender’s domain wants it refused goes out under their alias, under the owners’ address where they have none and are no member', async () => {
    const desk = await birds(engine, { post: 'anyone' });
    const write = (from: string, checks: Partial<Checks> = verified(from, 'reject')) =>
      deliverOne(desk, { from, to: 'birds-owner@lists.example.org', text: 'Help', checks });
    const [eve, zoe] = ['eve@reject.example', 'zoe@reject.example'];
    await post(desk, { from: zoe, checks: verified(zoe, 'reject') });
    const [posted] = await takeOutgoing(desk);
    await write(alice);
    await write(zoe);
    await write(eve);
    await write(alice, { identity: { ...unchecked.identity, policy: 'unknown' } });
    const from = (await takeOutgoing(desk)).map((mail) => mail.header('From') ?? '');
    expect(from[0]).toMatch(/^Alice via Birds <birds-from\+/i);
    expect(from[1]).toBe(posted?.header('From'));
    expect(from[2]).toMatch(/^eve via Birds <birds-owner@/i);
    expect(from[3]).toMatch(/^alice via Birds <birds-owner@/i);
    expect(await countAliases(desk)).toBe(2);
  });
});
