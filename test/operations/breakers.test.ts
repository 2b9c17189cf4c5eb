import { describe, expect, test } from 'vitest';
import { listAiling } from '../../src/operations/bounces/list-ailing.ts';
import { tellBreakers } from '../../src/operations/bounces/tell-breakers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listDeliveries } from '../../src/operations/queue/list-deliveries.ts';
import { retryDeliveries } from '../../src/operations/queue/retry-deliveries.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { ailing, lastDelivery, refuseAll, report, reportMail } from '../support/failures.ts';
import { deliverOne, proved, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const day = 86_400_000;
const spam = '554 5.7.1 Message rejected as spam';
const dmarc =
  "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy";
const at = (i: number, domain = 'strict.example') => `m${i}@${domain}`;
const several = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => at(from + i));

/** One post, to so many members at strict.example and one elsewhere. */
async function posted(engine: TestEngine, members: number): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  const emails = [...several(0, members), at(0, 'mild.example')];
  await desk.operate(addMembers, { list: 'birds', members: emails.map((email) => ({ email, name: '' })) });
  const post = { from: 'ana@example.org', to: 'birds@lists.example.org', subject: 'Nests', checks: proved };
  await deliverOne(desk, post);
  await takeOutbox(desk);
  return desk;
}

/** How many copies are in each state, by whether their From is rewritten: `queued as it is: 3`. */
async function copies(desk: Desk): Promise<readonly string[]> {
  const rows = await desk.store.read((db) =>
    db
      .selectFrom('deliveries')
      .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
      .select(['state', 'facts', 'next_at'])
      .where('recipient', 'like', '%@strict.example')
      .execute(),
  );
  const counts = new Map<string, number>();
  for (const { state, facts } of rows) {
    const what = `${state} ${facts.includes('"munge":true') ? 'rewritten' : 'as it is'}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${what}: ${count}`).sort();
}

onEachEngine((engine) => {
  describe('a post that a destination refuses for what it is', () => {
    test.each<[string, number, number, readonly string[]]>([
      ['four of ten', 10, 4, ['failed as it is: 4', 'queued as it is: 6']],
      ['five of ten', 10, 5, ['deferred as it is: 5', 'failed as it is: 5']],
      ['five of twenty-five', 25, 5, ['deferred as it is: 20', 'failed as it is: 5']],
      ['five of twenty-six', 26, 5, ['failed as it is: 5', 'queued as it is: 21']],
    ])('%s', async (_, members, refused, expected) => {
      const desk = await posted(engine, members);
      await refuseAll(desk, several(0, refused), spam);
      expect(await copies(desk)).toEqual(expected);
      expect(await ailing(desk, at(0))).toBeUndefined();
    });

    test('waits there for a day, and goes out elsewhere; the operators hear of it once', async () => {
      const desk = await posted(engine, 10);
      await refuseAll(desk, several(0, 5), spam);
      const waits = await desk.store.read((db) =>
        db
          .selectFrom('deliveries')
          .select(['recipient', 'state', 'next_at'])
          .where('state', '=', 'deferred')
          .execute(),
      );
      expect(waits.map(({ recipient }) => recipient)).toEqual(several(5, 10));
      expect(waits.every(({ next_at }) => next_at === desk.now + day)).toBe(true);
      const { breakers } = await desk.operate(tellBreakers, {});
      expect(breakers).toMatchObject([{ domain: 'strict.example', subject: 'Nests' }]);
      const [mail] = await takeOutbox(desk);
      expect(mail).toMatchObject({ to: 'root@example.org', subject: 'A post is refused as such' });
      expect(mail?.text).toContain(
        '5 more wait for it until 22 Nov 2026; “npx listwright queue ls --domain strict.example” names them.',
      );
      expect(await desk.operate(tellBreakers, {})).toEqual({ breakers: [] });
      expect(await desk.operate(listAiling, {})).toMatchObject({
        addresses: [],
        refusedPosts: [{ subject: 'Nests', domain: 'strict.example', waiting: 5 }],
      });
    });
  });

  test('one post that two domains refuse is one post; where nobody waits for it the operators are not told that anybody does', async () => {
    const desk = await posted(engine, 5);
    const others = Array.from({ length: 5 }, (_, i) => at(i, 'stern.example'));
    await desk.operate(addMembers, { list: 'birds', members: others.map((email) => ({ email, name: '' })) });
    await takeOutbox(desk);
    await deliverOne(desk, {
      from: 'ana@example.org',
      to: 'birds@lists.example.org',
      subject: 'Eggs',
      checks: proved,
    });
    await refuseAll(desk, [...several(0, 5), ...others], spam);
    await desk.operate(tellBreakers, {});
    const mail = (await takeOutbox(desk)).find(({ to }) => to === 'root@example.org');
    expect(mail?.subject).toBe('A post is refused as such');
    expect(mail?.text.match(/Nobody else there waits for it\./g)).toHaveLength(2);
    expect(mail?.text).not.toContain('until');
  });

  test('what is held back here is told without a code: it is no answer of their server', async () => {
    const desk = await posted(engine, 10);
    await desk.store.write((tx) =>
      tx.updateTable('deliveries').set({ last_code: 451, last_reply: '4.3.0 Later' }).execute(),
    );
    await refuseAll(desk, several(0, 5), spam);
    const { deliveries } = await desk.operate(listDeliveries, { states: ['deferred'] });
    expect(new Set(deliveries.map(({ lastReply }) => lastReply))).toEqual(
      new Set(['Held back: by this server, because others at that domain have refused this post.']),
    );
  });

  test('five members do not hold it back again: the count begins anew, and each counts once', async () => {
    const desk = await posted(engine, 25);
    for (const email of several(0, 5)) await report(desk, email, reportMail(email, spam));
    await refuseAll(desk, several(0, 5), spam);
    expect(await copies(desk)).toEqual(['deferred as it is: 20', 'failed as it is: 5']);
    const held = () =>
      desk.store.read((db) => db.selectFrom('breakers').select('until').executeTakeFirstOrThrow());
    const { until } = await held();
    desk.now = until;
    for (const email of several(0, 5)) await report(desk, email, reportMail(email, spam));
    await refuseAll(desk, several(5, 9), spam);
    expect(await held()).toEqual({ until });
    await refuseAll(desk, [at(9)], spam);
    expect((await held()).until).toBeGreaterThan(until);
    expect((await held()).until).toBeLessThan(until + 2 * day);
  });

  test('an operator who has looked has it sent at once', async () => {
    const desk = await posted(engine, 10);
    await refuseAll(desk, several(0, 5), spam);
    await desk.operate(retryDeliveries, { ids: [(await lastDelivery(desk, at(7))).id] });
    expect(await copies(desk)).toEqual(['deferred as it is: 4', 'failed as it is: 5', 'queued as it is: 1']);
    expect(await desk.operate(listAiling, {})).toMatchObject({ refusedPosts: [] });
    await desk.operate(retryDeliveries, { list: 'birds' });
    expect(await copies(desk)).toEqual(['failed as it is: 5', 'queued as it is: 5']);
  });

  describe('a refusal that speaks of DMARC', () => {
    test('gives all there the post once more, with its From rewritten', async () => {
      const desk = await posted(engine, 10);
      await refuseAll(desk, several(0, 5), dmarc);
      expect(await copies(desk)).toEqual(['queued rewritten: 10']);
    });

    test('joins those who are refused later, because their copies were under way', async () => {
      const desk = await posted(engine, 10);
      await desk.store.write(async (tx) => {
        await tx.updateTable('deliveries').set({ state: 'claimed' }).where('recipient', '=', at(9)).execute();
      });
      await refuseAll(desk, several(0, 5), dmarc);
      expect(await copies(desk)).toEqual(['claimed as it is: 1', 'queued rewritten: 9']);
      await refuseAll(desk, [at(9)], dmarc);
      expect(await copies(desk)).toEqual(['queued rewritten: 10']);
    });

    test('does so once: what is refused again waits', async () => {
      const desk = await posted(engine, 10);
      await refuseAll(desk, several(0, 5), dmarc);
      desk.now += 60_000;
      await refuseAll(desk, several(0, 4), dmarc);
      expect(await copies(desk)).toEqual(['failed rewritten: 4', 'queued rewritten: 6']);
      await refuseAll(desk, [at(4)], dmarc);
      expect(await copies(desk)).toEqual(['deferred rewritten: 5', 'failed rewritten: 5']);
    });

    test('counts where a relay brings it back by mail, too', async () => {
      const desk = await posted(engine, 10);
      await desk.store.write(async (tx) => {
        await tx.updateTable('deliveries').set({ state: 'sent' }).execute();
      });
      for (const email of several(0, 5)) await report(desk, email, reportMail(email, dmarc));
      expect(await copies(desk)).toEqual(['queued rewritten: 5', 'sent as it is: 5']);
    });
  });
});
