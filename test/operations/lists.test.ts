import { describe, expect, test } from 'vitest';
import { resolveMailbox } from '../../src/operations/incoming/resolve-mailbox.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { deleteList } from '../../src/operations/lists/delete-list.ts';
import { listLists } from '../../src/operations/lists/list-lists.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { reopenList } from '../../src/operations/lists/reopen-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { showList } from '../../src/operations/lists/show-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { listWaiting } from '../../src/store/held.ts';
import { addressesOfList } from '../../src/store/list-names.ts';
import { findListByName, loadList, takeNumber } from '../../src/store/lists.ts';
import { suppress } from '../../src/store/suppressions.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { holdText } from '../support/held.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const owner = 'olga@example.com';
const birds = { address: 'birds@lists.example.org', owners: [owner] };

async function fresh(engine: TestEngine, domains?: Desk['site']['domains']): Promise<Desk> {
  return createDesk(await engine.freshStore(), domains ? { domains } : {});
}

async function meaning(desk: Desk, address: string): Promise<string> {
  const box = await desk.operate(resolveMailbox, { address });
  return box.kind === 'refused' ? `${box.code} ${box.enhanced}` : box.kind;
}

onEachEngine((engine) => {
  describe('creating a list', () => {
    test('gives it its address, its owner as a member, and the settings of a discussion', async () => {
      const desk = await fresh(engine);
      const made = await desk.operate(createList, { ...birds, purpose: 'Watching birds' });
      expect(made).toMatchObject({
        address: 'birds@lists.example.org',
        title: 'Birds',
        purpose: 'Watching birds',
        closed: false,
        members: 1,
        owners: [owner],
        settings: {
          join: 'open',
          moderated: false,
          max_size: '5 MiB',
          max_recipients: 20,
          held_expires: '14d',
        },
      });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('post');
      expect((await desk.operate(listMembers, { list: 'birds' })).members).toEqual([
        {
          email: owner,
          name: '',
          role: 'owner',
          mode: 'each',
          ownCopy: true,
          state: 'active',
          joinedAt: '2026-11-21T12:00:00.000Z',
          posting: 'default',
          believed: false,
        },
      ]);
    });

    test('takes the local part alone where there is one domain, and a preset', async () => {
      const desk = await fresh(engine);
      const made = await desk.operate(createList, {
        address: 'News',
        owners: [owner],
        title: 'Our news',
        preset: 'newsletter',
      });
      expect(made).toMatchObject({
        address: 'news@lists.example.org',
        title: 'Our news',
        settings: { post: 'owners' },
      });
    });

    test('puts the first owner, with a name like any, on it once', async () => {
      const desk = await fresh(engine);
      const made = await desk.operate(createList, {
        ...birds,
        owners: [owner, 'OLGA@example.com', 'pia@example.com'],
      });
      expect(made.owners).toEqual([owner, 'pia@example.com']);
    });

    const refusals: readonly [name: string, input: object, code: string, sentence: RegExp][] = [
      ['a name that is no name', { address: 'Bad Name' }, 'invalid', /cannot be a list's name/],
      ['a reserved name', { address: 'postmaster' }, 'invalid', /reserved/],
      ['a suffix name', { address: 'birds-owner' }, 'invalid', /--allow-suffix-name/],
      ['a foreign domain', { address: 'birds@example.com' }, 'invalid', /ours: lists\.example\.org/],
      ['no owner', { owners: [] }, 'invalid', /at least one owner/],
      ['an owner that is no address', { owners: ['olga'] }, 'invalid', /“olga” is not an address/],
      [
        'a service address as the owner',
        { owners: ['listserv@lists.example.org'] },
        'invalid',
        /an owner is a person/,
      ],
      [
        'the list as its own owner',
        { owners: ['birds@lists.example.org'] },
        'invalid',
        /an owner is a person/,
      ],
      ['a title of two lines', { title: 'Birds\r\nBcc: x@example.org' }, 'invalid', /one line/],
      ['a title that turns the line round', { title: 'Birds \u202e' }, 'invalid', /one line/],
      ['a purpose that does', { purpose: 'Owls\u2066' }, 'invalid', /plain text/],
      ['an empty title', { title: ' ' }, 'invalid', /at least one character/],
      ['an unknown preset', { preset: 'party' }, 'invalid', /preset/],
    ];
    test.each(refusals)('is refused for %s, and leaves nothing behind', async (_, input, code, sentence) => {
      const desk = await fresh(engine);
      await expect(desk.operate(createList, { ...birds, ...input })).rejects.toMatchObject({
        name: 'Refusal',
        code,
        message: expect.stringMatching(sentence),
      });
      expect(await desk.operate(listLists, {})).toEqual({ lists: [] });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('550 5.1.1');
    });

    test('is refused for an owner who wants no mail from us', async () => {
      const desk = await fresh(engine);
      await desk.store.write((tx) =>
        suppress(tx, { email: owner, listId: 0, reason: 'never', now: desk.now }),
      );
      await expect(desk.operate(createList, birds)).rejects.toMatchObject({ code: 'invalid' });
    });

    test('is refused to anybody but the operator', async () => {
      const desk = await fresh(engine);
      const visitor = desk.perform(createList, { kind: 'visitor', ip: '192.0.2.1' }, birds);
      await expect(visitor).rejects.toMatchObject({ code: 'not-allowed' });
    });

    test('is refused under a name that exists', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      await expect(desk.operate(createList, birds)).rejects.toMatchObject({ code: 'exists' });
    });

    test('by two people at the same moment makes one list', async () => {
      const desk = await fresh(engine);
      const attempts = await Promise.allSettled([
        desk.operate(createList, birds),
        desk.operate(createList, birds),
      ]);
      expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'exists' },
      });
      expect((await desk.operate(listLists, {})).lists).toHaveLength(1);
    });

    test('allows the same name at another domain of ours', async () => {
      const desk = await fresh(engine, ['lists.example.org', 'lists.example.net']);
      await desk.operate(createList, birds);
      await desk.operate(createList, { ...birds, address: 'birds@lists.example.net' });
      await expect(desk.operate(showList, { list: 'birds' })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('several domains'),
      });
    });

    test('keeps a list and one named like its own addresses apart, in either order', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, { address: 'friends-owner', owners: [owner], allowSuffixName: true });
      await expect(desk.operate(createList, { address: 'friends', owners: [owner] })).rejects.toMatchObject({
        code: 'exists',
        message: expect.stringContaining('"friends-owner"'),
      });
      await desk.operate(createList, birds);
      const thief = { address: 'owner-birds', owners: [owner], allowSuffixName: true };
      await expect(desk.operate(createList, thief)).rejects.toMatchObject({ code: 'exists' });
    });
  });

  describe('settings', () => {
    test('are changed all together, and shown as they can be typed', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      const changes = {
        moderated: 'yes',
        max_size: '1 MiB',
        title: 'Garden birds',
        reply_to: 'list',
        footer: 'a\nb',
      };
      await desk.operate(setList, { list: 'birds', changes });
      expect(await desk.operate(showList, { list: 'birds' })).toMatchObject({
        title: 'Garden birds',
        settings: { moderated: true, max_size: '1 MiB', reply_to: 'list', footer: 'a\nb', join: 'open' },
      });
    });

    test('take no size that the site takes from nobody', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      const set = (max_size: string) => desk.operate(setList, { list: 'birds', changes: { max_size } });
      await expect(set('30 MiB')).rejects.toMatchObject({
        message: 'max_size: no mail over 25 MiB is taken here at all (smtp.max_size). Nothing was changed.',
      });
      expect(await set('25 MiB')).toMatchObject({ settings: { max_size: '25 MiB' } });
    });

    test('are left alone when one of the changes is wrong, and every mistake is told', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      const changes = { moderated: 'true', join: 'maybe', colour: 'red', title: '' };
      await expect(desk.operate(setList, { list: 'birds', changes })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(
          /^join must be one of open, approve, closed, not "maybe"; there is no setting "colour"; .*a title needs .*Nothing was changed\.$/,
        ),
      });
      expect((await desk.operate(showList, { list: 'birds' })).settings.moderated).toBe(false);
    });

    test('need a change', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      await expect(desk.operate(setList, { list: 'birds', changes: {} })).rejects.toMatchObject({
        code: 'invalid',
      });
    });
  });

  describe('renaming a list', () => {
    test('keeps every old address and the List-Id', async () => {
      const desk = await fresh(engine);
      const { listId } = await desk.operate(createList, birds);
      await desk.operate(renameList, { list: 'birds', address: 'vogels' });
      const renamed = await desk.operate(renameList, { list: 'birds', address: 'uccelli' });
      expect(renamed).toMatchObject({
        address: 'uccelli@lists.example.org',
        formerly: 'vogels@lists.example.org',
      });
      for (const name of ['birds', 'vogels', 'uccelli']) {
        expect(await meaning(desk, `${name}@lists.example.org`)).toBe('post');
        expect(await meaning(desk, `${name}-leave@lists.example.org`)).toBe('leave');
      }
      const list = await desk.store.read((db) => loadList(db, listId));
      expect(list).toMatchObject({ name: 'uccelli', listId: 'birds.lists.example.org' });
      const addresses = await desk.store.read((db) => addressesOfList(db, listId));
      expect(addresses.toSorted()).toEqual([
        'birds@lists.example.org',
        'uccelli@lists.example.org',
        'vogels@lists.example.org',
      ]);
    });

    test('back to an old name works, and to the present one changes nothing', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      await desk.operate(renameList, { list: 'birds', address: 'vogels' });
      await desk.operate(renameList, { list: 'vogels', address: 'birds' });
      await desk.operate(renameList, { list: 'birds', address: 'birds' });
      expect((await desk.operate(showList, { list: 'vogels' })).address).toBe('birds@lists.example.org');
    });

    test('to a name that another list once had is refused, and so is making a new one of it', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      await desk.operate(renameList, { list: 'birds', address: 'vogels' });
      await desk.operate(createList, { address: 'fish', owners: [owner] });
      await expect(desk.operate(renameList, { list: 'fish', address: 'birds' })).rejects.toMatchObject({
        code: 'exists',
        message: expect.stringContaining('before a renaming'),
      });
      await expect(desk.operate(createList, birds)).rejects.toMatchObject({ code: 'exists' });
    });

    test('to another domain of ours keeps the old address there', async () => {
      const desk = await fresh(engine, ['lists.example.org', 'lists.example.net']);
      await desk.operate(createList, birds);
      await desk.operate(renameList, { list: birds.address, address: 'birds@lists.example.net' });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('post');
      expect(await meaning(desk, 'birds-join@lists.example.net')).toBe('join');
    });

    test('by its own suffixes is refused', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      const asked = desk.operate(renameList, { list: 'birds', address: 'birds-join' });
      await expect(asked).rejects.toMatchObject({ code: 'invalid' });
    });
  });

  test('a closed list takes no posts and no joins until it is open again', async () => {
    const desk = await fresh(engine);
    await desk.operate(createList, birds);
    expect(await desk.operate(closeList, { list: 'birds' })).toMatchObject({ closed: true });
    expect(await meaning(desk, 'birds@lists.example.org')).toBe('550 5.7.1');
    expect(await meaning(desk, 'birds-join@lists.example.org')).toBe('550 5.7.1');
    expect(await meaning(desk, 'birds-leave@lists.example.org')).toBe('leave');
    expect(await desk.operate(reopenList, { list: 'birds' })).toMatchObject({ closed: false });
    expect(await meaning(desk, 'birds@lists.example.org')).toBe('post');
  });

  describe('deleting a list', () => {
    test('takes its members, its waiting posts and its addresses', async () => {
      const desk = await fresh(engine);
      const { listId } = await desk.operate(createList, birds);
      await desk.store.write((tx) => holdText(tx, 'x', { listId }));
      expect(await desk.operate(deleteList, { list: 'birds' })).toMatchObject({ remaining: 0 });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('550 5.1.6');
      expect(await meaning(desk, 'birds-owner@lists.example.org')).toBe('550 5.1.6');
      expect(await desk.store.read((db) => listWaiting(db, { spam: false, after: 0, limit: 10 }))).toEqual(
        [],
      );
      expect(await desk.operate(listLists, {})).toEqual({ lists: [] });
      await expect(desk.operate(showList, { list: 'birds' })).rejects.toMatchObject({ code: 'not-found' });
      expect(await desk.store.read((db) => loadList(db, listId))).toBeUndefined();
    });

    test('frees its name, without bringing back its members', async () => {
      const desk = await fresh(engine);
      const first = await desk.operate(createList, birds);
      await desk.operate(deleteList, { list: 'birds' });
      const second = await desk.operate(createList, { ...birds, owners: ['pia@example.com'] });
      expect(second.listId).not.toBe(first.listId);
      expect(second).toMatchObject({ members: 1, owners: ['pia@example.com'] });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('post');
    });

    test('with many members goes in steps, closed from the first one on', async () => {
      const desk = await fresh(engine);
      await desk.operate(createList, birds);
      for (let batch = 0; batch < 5; batch++) {
        const members = Array.from({ length: 450 }, (_, i) => ({ email: `m${batch}-${i}@example.com` }));
        await desk.operate(addMembers, { list: 'birds', members });
      }
      expect(await desk.operate(deleteList, { list: 'birds' })).toMatchObject({ remaining: 251 });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('550 5.7.1');
      expect(await desk.operate(deleteList, { list: 'birds' })).toMatchObject({ remaining: 0 });
      expect(await meaning(desk, 'birds@lists.example.org')).toBe('550 5.1.6');
    });
  });

  test('lists are named in order, a page at a time', async () => {
    const desk = await fresh(engine, ['lists.example.org', 'lists.example.net']);
    for (const address of ['fish@lists.example.org', 'birds@lists.example.net', 'birds@lists.example.org']) {
      await desk.operate(createList, { address, owners: [owner] });
    }
    const first = await desk.operate(listLists, { limit: 2 });
    expect(first.lists.map(({ address, members }) => [address, members])).toEqual([
      ['birds@lists.example.net', 1],
      ['birds@lists.example.org', 1],
    ]);
    expect(await desk.operate(listLists, { limit: 2, after: first.next })).toEqual({
      lists: [{ address: 'fish@lists.example.org', title: 'Fish', purpose: '', closed: false, members: 1 }],
    });
  });

  test('post numbers of a list count from one, each given once', async () => {
    const desk = await fresh(engine);
    const { listId } = await desk.operate(createList, birds);
    const numbers = await Promise.all(
      Array.from({ length: 20 }, () => desk.store.write((tx) => takeNumber(tx, listId))),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('each change of a list is in the audit trail, under the list', async () => {
    const desk = await fresh(engine);
    const { listId } = await desk.operate(createList, birds);
    await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
    await desk.operate(renameList, { list: 'birds', address: 'vogels' });
    await desk.operate(closeList, { list: 'vogels' });
    await desk.operate(reopenList, { list: 'vogels' });
    await desk.operate(deleteList, { list: 'vogels' });
    const trail = await desk.store.read((db) =>
      db.selectFrom('audit').select(['operation', 'actor', 'list_id']).orderBy('id').execute(),
    );
    expect(trail).toEqual(
      ['create-list', 'set-list', 'rename-list', 'close-list', 'reopen-list', 'delete-list'].map(
        (operation) => ({
          operation,
          actor: 'operator:cli',
          list_id: listId,
        }),
      ),
    );
  });

  test('two lists may share a domain and their settings stay their own', async () => {
    const desk = await fresh(engine);
    await desk.operate(createList, birds);
    await desk.operate(createList, { address: 'fish', owners: [owner] });
    await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
    const fish = await desk.store.read((db) =>
      findListByName(db, { name: 'fish', domain: 'lists.example.org' }),
    );
    expect(fish?.settings.moderated).toBe(false);
  });
});
