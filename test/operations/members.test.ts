import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import { requireRole } from '../../src/operations/authorise.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { showList } from '../../src/operations/lists/show-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { importMembers } from '../../src/operations/members/import-members.ts';
import { inviteMembers } from '../../src/operations/members/invite-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { planSync } from '../../src/operations/members/plan-sync.ts';
import { previewImport } from '../../src/operations/members/preview-import.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { showMember } from '../../src/operations/members/show-member.ts';
import type { Context } from '../../src/operations/operation.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { suppress } from '../../src/store/suppressions.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const alice = 'alice@example.com';
const owner = 'olga@example.com';

/** A site with the list `birds`, owned by Olga. */
async function birds(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: [owner] });
  return desk;
}

async function roster(desk: Desk): Promise<string[]> {
  return (await desk.operate(listMembers, { list: 'birds' })).members.map(({ email }) => email);
}

onEachEngine((engine) => {
  describe('adding members', () => {
    test('makes them members at once, with a record of who did it', async () => {
      const desk = await birds(engine);
      const members = [
        { email: 'Alice@Example.com', name: ' Alice\n Liddell ', mode: 'digest' },
        { email: 'bob@bücher.example' },
      ];
      expect(await desk.operate(addMembers, { list: 'birds', members, consent: 'on paper' })).toMatchObject({
        added: [alice, 'bob@xn--bcher-kva.example'],
        already: [],
        suppressed: [],
        own: [],
      });
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toEqual({
        ailing: null,
        email: alice,
        name: 'Alice Liddell',
        role: 'member',
        mode: 'digest-mime',
        state: 'active',
        joinedAt: '2026-11-21T12:00:00.000Z',
        posting: 'default',
        believed: false,
        ownCopy: true,
        consents: [
          { how: 'added by operator', wording: 'on paper', ip: null, at: '2026-11-21T12:00:00.000Z' },
        ],
      });
    });

    test('names those who are on it already, and changes nothing for them', async () => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice, name: 'Alice' }] });
      const again = [{ email: alice, name: 'Mallory', role: 'owner' }, { email: 'bob@example.com' }];
      expect(await desk.operate(addMembers, { list: 'birds', members: again })).toMatchObject({
        added: ['bob@example.com'],
        already: [alice],
      });
      const shown = await desk.operate(showMember, { list: 'birds', email: alice });
      expect(shown).toMatchObject({
        name: 'Alice',
        role: 'member',
        consents: [{ how: 'added by operator' }],
      });
    });

    test('counts an address once that is named twice', async () => {
      const desk = await birds(engine);
      const members = [{ email: alice }, { email: 'ALICE@example.com' }];
      expect(await desk.operate(addMembers, { list: 'birds', members })).toMatchObject({ added: [alice] });
    });

    test('keeps people of the same name apart', async () => {
      const desk = await birds(engine);
      const members = ['a', 'b', 'c'].map((local) => ({ email: `${local}@example.com`, name: 'Kim' }));
      await desk.operate(addMembers, { list: 'birds', members });
      const people = await desk.store.read((db) =>
        db.selectFrom('addresses').select('person_id').distinct().execute(),
      );
      expect(people).toHaveLength(4);
    });

    test('leaves those alone who asked for it, on this list or on all', async () => {
      const desk = await birds(engine);
      const { listId } = await desk.operate(createList, { address: 'fish', owners: [owner] });
      await desk.store.write(async (tx) => {
        await suppress(tx, { email: alice, listId: 0, reason: 'never', now: desk.now });
        await suppress(tx, { email: 'bob@example.com', listId, reason: 'complaint', now: desk.now });
      });
      const members = [{ email: alice }, { email: 'bob@example.com' }];
      expect(await desk.operate(addMembers, { list: 'fish', members })).toMatchObject({
        added: [],
        suppressed: [
          { email: alice, reason: 'never' },
          { email: 'bob@example.com', reason: 'complaint' },
        ],
      });
      expect(await desk.operate(addMembers, { list: 'birds', members })).toMatchObject({
        added: ['bob@example.com'],
      });
    });

    const own = [
      'birds@lists.example.org',
      'birds-request@lists.example.org',
      'owner-birds@lists.example.org',
      'listserv@lists.example.org',
      'postmaster@lists.example.org',
    ];
    test.each(own)('never adds an address of ours: %s', async (email) => {
      const desk = await birds(engine);
      expect(await desk.operate(addMembers, { list: 'birds', members: [{ email }] })).toMatchObject({
        added: [],
        own: [email],
      });
    });

    test('adds a person who reads mail at a domain of ours', async () => {
      const desk = await birds(engine);
      const members = [{ email: 'pia.person@lists.example.org' }];
      expect(await desk.operate(addMembers, { list: 'birds', members })).toMatchObject({
        added: ['pia.person@lists.example.org'],
      });
    });

    test('sends a welcome where it is wanted, and none otherwise', async () => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice }], welcome: true });
      await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bob@example.com' }] });
      expect(await recipients(desk)).toEqual([alice]);
    });

    const refusals: readonly [name: string, input: object, sentence: RegExp][] = [
      [
        'an address that is none',
        { members: [{ email: 'alice' }] },
        /members\.0\.email: “alice” is not an address/,
      ],
      ['an unknown mode', { members: [{ email: alice, mode: 'often' }] }, /“often” is not each, digest-mime/],
      ['an unknown role', { members: [{ email: alice, role: 'king' }] }, /“king” is not member, moderator/],
      ['nobody', { members: [] }, /members/],
    ];
    test.each(refusals)('is refused for %s', async (_, input, sentence) => {
      const desk = await birds(engine);
      await expect(desk.operate(addMembers, { list: 'birds', ...input })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(sentence),
      });
      expect(await roster(desk)).toEqual([owner]);
    });

    test('is refused on a list that is not there', async () => {
      const desk = await birds(engine);
      const asked = desk.operate(addMembers, { list: 'bats', members: [{ email: alice }] });
      await expect(asked).rejects.toMatchObject({
        code: 'not-found',
        message: 'There is no list "bats" here.',
      });
    });
  });

  describe('removing members', () => {
    test('takes them off, and names those who were not on', async () => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice }] });
      const removed = await desk.operate(removeMembers, {
        list: 'birds',
        emails: [alice, 'bob@example.com'],
      });
      expect(removed).toMatchObject({ removed: [alice], notMembers: ['bob@example.com'] });
      expect(await roster(desk)).toEqual([owner]);
      expect((await desk.operate(showList, { list: 'birds' })).members).toBe(1);
      await expect(desk.operate(showMember, { list: 'birds', email: alice })).rejects.toMatchObject({
        code: 'not-found',
        message: 'alice@example.com is not on birds@lists.example.org.',
      });
    });

    test('and adding them again brings their settings back, but not their role', async () => {
      const desk = await birds(engine);
      const members = [{ email: alice, name: 'Alice', mode: 'digest', role: 'moderator' }];
      await desk.operate(addMembers, { list: 'birds', members });
      await desk.operate(setMember, {
        list: 'birds',
        email: alice,
        changes: { own_copy: 'false', state: 'paused' },
      });
      await desk.operate(removeMembers, { list: 'birds', emails: [alice] });
      desk.now += 86_400_000;
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice }] });
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toMatchObject({
        name: 'Alice',
        mode: 'digest-mime',
        role: 'member',
        ownCopy: false,
        state: 'active',
        joinedAt: '2026-11-22T12:00:00.000Z',
      });
    });

    test('who had no mail means that they get it when they come back', async () => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice, mode: 'none' }] });
      await desk.operate(removeMembers, { list: 'birds', emails: [alice] });
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice }] });
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toMatchObject({ mode: 'each' });
    });

    test('never takes the last owner, alone or among others', async () => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice }] });
      for (const emails of [[owner], [alice, owner]]) {
        await expect(desk.operate(removeMembers, { list: 'birds', emails })).rejects.toMatchObject({
          code: 'conflict',
          message: expect.stringContaining('name another one first'),
        });
      }
      expect(await roster(desk)).toEqual([owner, alice]);
      await desk.operate(setMember, { list: 'birds', email: alice, changes: { role: 'owner' } });
      await desk.operate(removeMembers, { list: 'birds', emails: [owner] });
      expect(await roster(desk)).toEqual([alice]);
    });
  });

  test('two owners who are removed at the same moment leave one', async () => {
    const desk = await birds(engine);
    await desk.operate(addMembers, { list: 'birds', members: [{ email: alice, role: 'owner' }] });
    const attempts = await Promise.allSettled(
      [owner, alice].map((email) => desk.operate(removeMembers, { list: 'birds', emails: [email] })),
    );
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await roster(desk)).toHaveLength(1);
  });

  test('two people who add the same address at the same moment make one member', async () => {
    const desk = await birds(engine);
    const add = () => desk.operate(addMembers, { list: 'birds', members: [{ email: alice }] });
    const outcomes = await Promise.all([add(), add()]);
    expect(outcomes.flatMap(({ added }) => added)).toEqual([alice]);
    expect(await roster(desk)).toEqual([owner, alice]);
  });

  describe('changing a member', () => {
    const cases: readonly [changes: Record<string, string>, shown: object][] = [
      [{ name: ' Alice  L. ' }, { name: 'Alice L.' }],
      [{ name: '' }, { name: '' }],
      [{ mode: 'nomail' }, { mode: 'none' }],
      [
        { mode: 'index', role: 'moderator' },
        { mode: 'summary', role: 'moderator' },
      ],
      [{ state: 'paused' }, { state: 'paused' }],
      [{ state: 'active' }, { state: 'active' }],
    ];
    test.each(cases)('to %o', async (changes, shown) => {
      const desk = await birds(engine);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice, name: 'A' }] });
      expect(await desk.operate(setMember, { list: 'birds', email: alice, changes })).toMatchObject(shown);
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toMatchObject(shown);
    });

    test('is refused as a whole when one of the changes is wrong', async () => {
      const desk = await birds(engine);
      const changes = {
        mode: 'often',
        role: 'king',
        state: 'suspended',
        own_copy: 'maybe',
        hat: 'red',
        name: 'O',
      };
      await expect(desk.operate(setMember, { list: 'birds', email: owner, changes })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(
          /^mode must be each.*; role must be.*; state must be active or paused.*; own_copy.*; a member has no "hat"/,
        ),
      });
      expect(await desk.operate(showMember, { list: 'birds', email: owner })).toMatchObject({ name: '' });
    });

    test('never demotes the last owner', async () => {
      const desk = await birds(engine);
      const demote = { list: 'birds', email: owner, changes: { role: 'member' } };
      await expect(desk.operate(setMember, demote)).rejects.toMatchObject({ code: 'conflict' });
      await desk.operate(setMember, {
        list: 'birds',
        email: owner,
        changes: { role: 'owner', mode: 'none' },
      });
      await desk.operate(addMembers, { list: 'birds', members: [{ email: alice, role: 'owner' }] });
      expect(await desk.operate(setMember, demote)).toMatchObject({ role: 'member' });
    });
  });

  test('a roster is read a page at a time, in the order of joining', async () => {
    const desk = await birds(engine);
    const members = ['zoe', 'alice', 'mia'].map((local) => ({ email: `${local}@example.com` }));
    await desk.operate(addMembers, { list: 'birds', members });
    const first = await desk.operate(listMembers, { list: 'birds', limit: 2 });
    const second = await desk.operate(listMembers, { list: 'birds', limit: 2, after: first.next });
    const third = await desk.operate(listMembers, { list: 'birds', limit: 2, after: second.next });
    expect([first, second, third].map((page) => page.members.length)).toEqual([2, 2, 0]);
    expect(new Set([...first.members, ...second.members].map(({ email }) => email))).toEqual(
      new Set([owner, ...members.map(({ email }) => email)]),
    );
    expect(third.next).toBeUndefined();
  });

  describe('an import', () => {
    test('can be looked at before', async () => {
      const desk = await birds(engine);
      await desk.store.write((tx) =>
        suppress(tx, { email: alice, listId: 0, reason: 'complaint', now: desk.now }),
      );
      const members = [owner, alice, 'bob@example.com', 'listserv@lists.example.org'].map((email) => ({
        email,
      }));
      expect(await desk.operate(previewImport, { list: 'birds', members })).toEqual({
        fresh: ['bob@example.com'],
        already: [owner],
        suppressed: [{ email: alice, reason: 'complaint' }],
        own: ['listserv@lists.example.org'],
      });
      expect(await roster(desk)).toEqual([owner]);
    });

    test('keeps what people agreed to, and when they joined', async () => {
      const desk = await birds(engine);
      const joinedAt = Date.UTC(2019, 4, 1);
      const members = [
        { email: alice, joinedAt },
        { email: 'bob@example.com', joinedAt: desk.now + 1 },
      ];
      await desk.operate(importMembers, { list: 'birds', members, consent: 'Signed up at the fair 2019' });
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toMatchObject({
        joinedAt: '2019-05-01T00:00:00.000Z',
        consents: [{ how: 'imported', wording: 'Signed up at the fair 2019' }],
      });
      const bob = await desk.operate(showMember, { list: 'birds', email: 'bob@example.com' });
      expect(bob.joinedAt).toBe(new Date(desk.now).toISOString());
    });

    test('without a word on consent is refused', async () => {
      const desk = await birds(engine);
      const asked = desk.operate(importMembers, { list: 'birds', members: [{ email: alice }], consent: ' ' });
      await expect(asked).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('where and when these people agreed'),
      });
    });
  });

  describe('an invitation', () => {
    test('goes to newcomers only, once in half a year, behind everything else', async () => {
      const desk = await birds(engine);
      const members = [{ email: alice, name: 'Alice' }, { email: owner }];
      expect(await desk.operate(inviteMembers, { list: 'birds', how: 'invite', members })).toMatchObject({
        asked: [alice],
        askedBefore: [],
        already: [owner],
      });
      desk.now += 179 * 86_400_000;
      expect(await desk.operate(inviteMembers, { list: 'birds', how: 'invite', members })).toMatchObject({
        asked: [],
        askedBefore: [alice],
      });
      desk.now += 86_400_000;
      expect(await desk.operate(inviteMembers, { list: 'birds', how: 'invite', members })).toMatchObject({
        asked: [alice],
      });
      expect(await recipients(desk)).toEqual([alice, alice]);
      expect(await roster(desk)).toEqual([owner]);
    });

    test('says who invites, and a yes to it makes a member', async () => {
      const desk = await birds(engine);
      const members = [{ email: alice, name: 'Alice', mode: 'digest' }];
      await desk.operate(inviteMembers, { list: 'birds', how: 'invite', members });
      const mail = await lastMail(desk);
      expect(mail).toContain('Subject: You are invited to Birds');
      await desk.operate(confirm, { token: tokenIn(mail) });
      expect(await desk.operate(showMember, { list: 'birds', email: alice })).toMatchObject({
        name: 'Alice',
        mode: 'digest-mime',
      });
    });

    test('to confirm what people asked for elsewhere asks three times a day at most', async () => {
      const desk = await birds(engine);
      const ask = () =>
        desk.operate(inviteMembers, { list: 'birds', how: 'confirm', members: [{ email: alice }] });
      const answers = [await ask(), await ask(), await ask(), await ask()];
      expect(answers.map(({ asked }) => asked.length)).toEqual([1, 1, 1, 0]);
      expect(await lastMail(desk)).toContain('Subject: Please confirm: join Birds');
    });

    test('to a closed list is refused', async () => {
      const desk = await birds(engine);
      await desk.operate(closeList, { list: 'birds' });
      const asked = desk.operate(inviteMembers, {
        list: 'birds',
        how: 'invite',
        members: [{ email: alice }],
      });
      await expect(asked).rejects.toMatchObject({ code: 'closed' });
    });
  });

  describe('a synchronisation', () => {
    test('plans whom to add and whom to remove, and leaves owners and moderators', async () => {
      const desk = await birds(engine);
      const members = [
        { email: alice },
        { email: 'bob@example.com' },
        { email: 'mo@example.com', role: 'moderator' },
      ];
      await desk.operate(addMembers, { list: 'birds', members });
      const wanted = ['bob@example.com', 'carol@example.com'].map((email) => ({ email }));
      expect(await desk.operate(planSync, { list: 'birds', members: wanted })).toEqual({
        add: ['carol@example.com'],
        remove: [alice],
        kept: [owner, 'mo@example.com'],
        already: ['bob@example.com'],
        suppressed: [],
        own: [],
      });
    });

    test('with an empty file is refused', async () => {
      const desk = await birds(engine);
      await expect(desk.operate(planSync, { list: 'birds', members: [] })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('empty the list'),
      });
    });
  });

  describe('the right to do what owners do', () => {
    const ask = async (actor: Context['actor'], role: 'member' | 'moderator' | 'owner') => {
      const desk = await birds(engine);
      const { listId } = await desk.operate(addMembers, {
        list: 'birds',
        members: [{ email: 'mo@example.com', role: 'moderator' }],
      });
      return desk.store.read(async (db) => requireRole({ actor, tx: db } as Context, listId, role));
    };
    const verified = (email: string) => ({ kind: 'verified', email: email as Address }) as const;
    const allowed: readonly [
      name: string,
      actor: Context['actor'],
      role: 'member' | 'moderator' | 'owner',
    ][] = [
      ['the operator', { kind: 'operator', via: 'cli' }, 'owner'],
      ['the system', { kind: 'system' }, 'owner'],
      ['a verified owner', verified(owner), 'owner'],
      ['a verified owner, as a moderator', verified(owner), 'moderator'],
      ['a verified moderator, as a moderator', verified('mo@example.com'), 'moderator'],
    ];
    test.each(allowed)('belongs to %s', async (_, actor, role) => {
      await expect(ask(actor, role)).resolves.toBeUndefined();
    });
    const refused: typeof allowed = [
      ['a verified moderator', verified('mo@example.com'), 'owner'],
      ['a verified stranger', verified('eve@example.com'), 'member'],
      ['somebody who only claims to be an owner', { kind: 'claimed', email: owner as Address }, 'member'],
      ['a visitor', { kind: 'visitor', ip: '192.0.2.1' }, 'member'],
      ['a token holder', { kind: 'holder', of: 'join' }, 'member'],
    ];
    test.each(refused)('does not belong to %s', async (_, actor, role) => {
      await expect(ask(actor, role)).rejects.toMatchObject({ code: 'not-allowed' });
    });
  });
});

async function recipients(desk: Desk): Promise<string[]> {
  const rows = await desk.store.read((db) =>
    db.selectFrom('deliveries').select('recipient').orderBy('id').execute(),
  );
  return rows.map(({ recipient }) => recipient);
}

async function lastMail(desk: Desk): Promise<string> {
  const row = await desk.store.read((db) =>
    db.selectFrom('bodies').select('raw').orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow(),
  );
  return row.raw.toString('utf8');
}

function tokenIn(mail: string): string {
  return /\/c\/([0-9a-z]{15})/.exec(mail)?.[1] ?? 'no token';
}
