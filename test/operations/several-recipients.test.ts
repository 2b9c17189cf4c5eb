import { describe, expect, test } from 'vitest';
import type { DmarcPolicy } from '../../src/domain/authentication.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { IdentityClass } from '../../src/domain/identity.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { stats } from '../../src/operations/stats.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliver, deliverOne, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const from = 'ana@example.org';
const checked = (known: IdentityClass, policy: DmarcPolicy): Partial<Checks> => ({
  identity: { ...unchecked.identity, class: known, policy },
});
const text = 'The swifts are back over the old mill.';
const both = ['birds@lists.example.org', 'postmaster@lists.example.org'];

async function birds(engine: TestEngine, operators: readonly string[]): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { operators });
  await desk.operate(createList, { address: 'birds', owners: [from] });
  return desk;
}

onEachEngine((engine) => {
  describe('a mail to several of our addresses', () => {
    test('waits as a whole over SMTP when it has to wait for one of them: a yes would lose it to that one', async () => {
      const desk = await birds(engine, []);
      const refusal = await deliver(desk, { from, to: both, text }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Refusal);
      expect(refusal).toMatchObject({ code: 'busy' });
      expect(await takeOutbox(desk)).toEqual([]);
      expect(await desk.operate(stats, {})).toMatchObject({ posts: 0 });
    });

    test('is answered for each over LMTP', async () => {
      const desk = await birds(engine, []);
      const peer = { protocol: 'lmtp', trusted: true } as const;
      expect(await deliver(desk, { from, to: both, text, peer })).toMatchObject([
        { kind: 'accepted' },
        { kind: 'refused', code: 451 },
      ]);
    });

    test('reaches all of them where none has to wait', async () => {
      const desk = await birds(engine, ['root@example.org']);
      expect(await deliver(desk, { from, to: both, text })).toMatchObject([
        { kind: 'accepted' },
        { kind: 'passed-on' },
      ]);
    });

    test('that mean the same does it once', async () => {
      const desk = await birds(engine, []);
      const to = ['birds-owner@lists.example.org', 'birds-admin@lists.example.org'];
      const [first, second] = await deliver(desk, { from: 'cy@example.com', to, text });
      expect(first).toMatchObject({ kind: 'passed-on' });
      expect(second).toEqual(first);
      expect(await takeOutbox(desk)).toHaveLength(1);
    });

    test('holds no more of what a list refuses than may be held of anybody, whatever else takes it', async () => {
      const limits = { postsPerSender: { count: 2, ms: 3_600_000 } };
      const desk = createDesk(await engine.freshStore(), { operators: ['root@example.org'], limits });
      await desk.operate(createList, { address: 'birds', owners: [from] });
      await desk.operate(setList, { list: 'birds', changes: { nonmember: 'reject' } });
      const knock = () => deliver(desk, { from: 'cy@example.com', to: both, text }).catch((error) => error);
      for (let i = 0; i < 2; i++)
        expect(await knock()).toMatchObject([{ kind: 'held' }, { kind: 'passed-on' }]);
      for (let i = 0; i < 3; i++) expect(await knock()).toMatchObject({ code: 'busy' });
      expect(await desk.operate(stats, {})).toMatchObject({ held: 2 });
    });

    test.each<[string, Partial<Checks>, 'ban' | 'no rule', string]>([
      ['a forgery that its domain wants refused', checked('failed', 'reject'), 'no rule', 'dropped'],
      ['a sender whose mail is refused', checked('verified', 'none'), 'ban', 'dropped'],
      ['a stranger whom something proves', checked('verified', 'none'), 'no rule', 'held'],
    ])('comes to no moderator by way of another recipient: %s', async (_, checks, rule, kind) => {
      const desk = createDesk(await engine.freshStore(), {
        operators: ['root@example.org'],
        senderChecks: 'own',
      });
      await desk.operate(createList, { address: 'birds', owners: [from] });
      await desk.operate(setList, { list: 'birds', changes: { nonmember: 'reject' } });
      if (rule === 'ban')
        await desk.operate(setSenderRule, { list: 'birds', pattern: 'cy@example.com', action: 'reject' });
      await takeOutbox(desk);
      const results = await deliver(desk, { from: 'cy@example.com', to: both, text, checks });
      expect(results).toMatchObject([{ kind }, { kind: 'passed-on' }]);
      const asked = (await takeOutbox(desk)).filter(({ to }) => to === from);
      expect(asked).toHaveLength(kind === 'held' ? 1 : 0);
    });

    test('still waits when all of them ask for it', async () => {
      const desk = await birds(engine, []);
      expect(await deliverOne(desk, { from, to: 'postmaster@lists.example.org', text })).toMatchObject({
        kind: 'refused',
        code: 451,
      });
    });
  });
});
