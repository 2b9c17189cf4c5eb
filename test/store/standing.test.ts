import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import type { Role } from '../../src/domain/membership.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import { insertList } from '../../src/store/lists.ts';
import {
  findMembership,
  findMembershipById,
  isKnownAddress,
  joinMember,
  leaveMember,
  listOfficers,
  restoreMember,
  updateMembership,
} from '../../src/store/memberships.ts';
import { standingOf } from '../../src/store/standing.ts';
import type { Db, Store } from '../../src/store/store.ts';
import { suppress, suppressedAmong } from '../../src/store/suppressions.ts';
import { onEachEngine } from '../support/stores.ts';

const now = Date.UTC(2026, 10, 21);
const home = 'alice@home.example' as Address;
const work = 'alice@work.example' as Address;

async function makeList(tx: Db, name: string): Promise<number> {
  const settings = settingsFor('discussion');
  const list = { name, domain: 'lists.example.org', title: name, purpose: '', settings, createdAt: now };
  return (await insertList(tx, list)).id;
}

function join(tx: Db, listId: number, email: Address, who: { role?: Role; confirmed?: boolean } = {}) {
  const { role = 'member', confirmed = true } = who;
  return joinMember(tx, {
    listId,
    email,
    name: 'Alice',
    role,
    ownCopy: true,
    trusted: true,
    now,
    confirmed,
    consent: { how: 'test', wording: '' },
  });
}

/** What joining the two addresses to one person will do, once there is a page for it. */
async function unite(tx: Db, one: Address, other: Address): Promise<void> {
  const { person_id } = await tx
    .selectFrom('addresses')
    .select('person_id')
    .where('email', '=', one)
    .executeTakeFirstOrThrow();
  await tx.updateTable('addresses').set({ person_id }).where('email', '=', other).execute();
}

onEachEngine((engine) => {
  /** Alice at home on `birds`, Alice at work on `fish`: one person. */
  async function twoAddresses(confirmed: {
    home: boolean;
    work: boolean;
  }): Promise<{ store: Store; birds: number }> {
    const store = await engine.freshStore();
    const birds = await store.write(async (tx) => {
      const [id, other] = [await makeList(tx, 'birds'), await makeList(tx, 'fish')];
      await join(tx, id, home, { role: 'owner', confirmed: confirmed.home });
      await join(tx, other, work, { confirmed: confirmed.work });
      await unite(tx, home, work);
      return id;
    });
    return { store, birds };
  }

  describe('the standing of a sender', () => {
    test('is that of the address itself, confirmed or not', async () => {
      const { store, birds } = await twoAddresses({ home: false, work: false });
      const standing = await store.read((db) => standingOf(db, birds, home));
      expect(standing).toMatchObject({ role: 'owner', membership: { email: home, role: 'owner' } });
    });

    test('is that of another address of the same person, both confirmed', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: true });
      const standing = await store.read((db) => standingOf(db, birds, work));
      expect(standing).toMatchObject({ role: 'owner', membership: { email: home } });
    });

    test.each([
      ['the sender’s', { home: true, work: false }],
      ['the member’s', { home: false, work: true }],
    ])('is none through another address when %s is not confirmed', async (_, confirmed) => {
      const { store, birds } = await twoAddresses(confirmed);
      expect(await store.read((db) => standingOf(db, birds, work))).toBeUndefined();
    });

    test('has the own membership and the strongest role, when both addresses are members', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: true });
      await store.write((tx) => join(tx, birds, work));
      const standing = await store.read((db) => standingOf(db, birds, work));
      expect(standing).toMatchObject({ role: 'owner', membership: { email: work, role: 'member' } });
    });

    test('is none for a stranger, for a member of another list, and for one who left', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: false });
      const standing = (email: string) => store.read((db) => standingOf(db, birds, email));
      expect(await standing('eve@example.com')).toBeUndefined();
      expect(await standing(work)).toBeUndefined();
      await store.write(async (tx) => {
        const member = await findMembership(tx, birds, home);
        await leaveMember(tx, member?.id ?? 0, now);
      });
      expect(await standing(home)).toBeUndefined();
    });
  });

  describe('a membership', () => {
    test('that ended is still known by its id, and can be restored with its role', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: false });
      const id = (await store.read((db) => findMembership(db, birds, home)))?.id ?? 0;
      await store.write((tx) => leaveMember(tx, id, now));
      expect(await store.read((db) => findMembership(db, birds, home))).toBeUndefined();
      expect(await store.read((db) => findMembershipById(db, id))).toMatchObject({
        left: true,
        membership: { id, email: home },
      });
      expect(await store.write((tx) => restoreMember(tx, id, now - 1))).toBe(false);
      expect(await store.write((tx) => restoreMember(tx, id, now))).toBe(true);
      expect(await store.read((db) => findMembershipById(db, id))).toMatchObject({
        left: false,
        membership: { role: 'owner' },
      });
    });

    test('that ended comes back under the same id when the person joins again', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: false });
      const id = (await store.read((db) => findMembership(db, birds, home)))?.id ?? 0;
      await store.write(async (tx) => {
        await updateMembership(tx, id, { suspendedAt: now, mode: 'digest-plain' });
        await leaveMember(tx, id, now);
      });
      expect(await store.write((tx) => join(tx, birds, home))).toBe(id);
      const back = await store.read((db) => findMembership(db, birds, home));
      expect(back).toMatchObject({ role: 'member', mode: 'digest-plain', suspendedAt: null });
    });

    test('is made once', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: false });
      await expect(store.write((tx) => join(tx, birds, home))).rejects.toThrow(/already/);
    });

    test('by the person’s own yes ends what stood against it', async () => {
      const { store, birds } = await twoAddresses({ home: true, work: false });
      await store.write((tx) => suppress(tx, { email: work, listId: birds, reason: 'complaint', now }));
      await store.write((tx) => join(tx, birds, work));
      expect(await store.read((db) => suppressedAmong(db, birds, [work]))).toEqual(new Map());
    });
  });

  test('owners and moderators are listed, members are not', async () => {
    const { store, birds } = await twoAddresses({ home: true, work: false });
    await store.write(async (tx) => {
      await join(tx, birds, 'mo@example.com' as Address, { role: 'moderator' });
      await join(tx, birds, 'bob@example.com' as Address);
    });
    const officers = await store.read((db) => listOfficers(db, birds));
    expect(officers.map(({ email, role }) => [email, role])).toEqual([
      [home, 'owner'],
      ['mo@example.com', 'moderator'],
    ]);
  });

  test('an address is known while it is on any list', async () => {
    const { store, birds } = await twoAddresses({ home: true, work: false });
    const known = (email: string) => store.read((db) => isKnownAddress(db, email));
    expect(await known(home)).toBe(true);
    expect(await known('eve@example.com')).toBe(false);
    await store.write(async (tx) => {
      const member = await findMembership(tx, birds, home);
      await leaveMember(tx, member?.id ?? 0, now);
    });
    expect(await known(home)).toBe(false);
  });
});
