import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Actor } from '../../src/domain/actor.ts';
import type { Address } from '../../src/domain/address.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { createDesk, type Desk, operator } from '../support/desk.ts';
import { deliverOne, proved } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';

type AnyOperation = Operation<unknown, unknown>;

const folder = new URL('../../src/operations/', import.meta.url);
const modules: readonly Readonly<Record<string, unknown>>[] = await Promise.all(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => import(new URL(file, folder).href)),
);
/** Every operation there is: a new one without a line in the table fails here. */
const operations = modules
  .flatMap((module) => Object.values(module))
  .filter(isOperation)
  .toSorted((a, b) => a.name.localeCompare(b.name));

function isOperation(value: unknown): value is AnyOperation {
  return (
    typeof value === 'object' &&
    value !== null &&
    'authorise' in value &&
    'run' in value &&
    'summary' in value
  );
}

const roles = ['anybody', 'member', 'moderator', 'owner', 'operator'] as const;
type Least = (typeof roles)[number];

/** The table of docs/roles.md: `| \`set-list\` | owner | … |`, several names in the first column. */
const table: ReadonlyMap<string, Least> = new Map(
  [
    ...readFileSync(new URL('../../docs/roles.md', import.meta.url), 'utf8').matchAll(
      /^\| (`.*?`) \| (\w+) \|/gm,
    ),
  ].flatMap(([, names = '', least]) =>
    [...names.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => [name, least as Least] as const),
  ),
);

const verified = (email: string): Actor => ({ kind: 'verified', email: email as Address });
const [ana, mo, bo, eve] = ['ana@example.org', 'mo@example.org', 'bo@example.org', 'eve@example.edu'];
/** Each may do what those before may. */
const actors: Readonly<Record<Least, Actor>> = {
  anybody: verified(eve),
  member: verified(bo),
  moderator: verified(mo),
  owner: verified(ana),
  operator,
};
/** Nobody of these has proved who they are, whatever the table allows the one they claim to be. */
const unproved: readonly Actor[] = [
  { kind: 'claimed', email: ana as Address },
  { kind: 'holder', of: 'a token' },
  { kind: 'visitor', ip: '192.0.2.1' },
];

interface Place {
  readonly desk: Desk;
  readonly heldId: number;
  readonly postId: number;
}

/** Ana owns birds, Mo moderates it, Bo is a member; one post is out, one of Eve's waits. */
async function birds(): Promise<Place> {
  const desk = createDesk(await sqlite.freshStore());
  await desk.operate(createList, { address: 'birds', owners: [ana] });
  await desk.operate(createList, { address: 'owls', owners: [eve] });
  await desk.operate(addMembers, {
    list: 'birds',
    members: [
      { email: mo, name: '' },
      { email: bo, name: '' },
    ],
  });
  await desk.operate(setMember, { list: 'birds', email: mo, changes: { role: 'moderator' } });
  const idOf = async (from: string) => {
    const result = await deliverOne(desk, {
      from,
      to: 'birds@lists.example.org',
      subject: from,
      checks: proved,
    });
    if (!('id' in result)) throw new Error(`no post: ${JSON.stringify(result)}`);
    return result.id;
  };
  return { desk, postId: await idOf(bo), heldId: await idOf(eve) };
}

async function mayDo(
  { desk }: Place,
  operation: AnyOperation,
  as: { actor: Actor; input: unknown },
): Promise<boolean> {
  const asked: AnyOperation = { ...operation, kind: 'query', input: z.unknown(), run: async () => undefined };
  try {
    await desk.perform(asked, as.actor, as.input);
    return true;
  } catch (refusal) {
    if (refusal instanceof Refusal && (refusal.code === 'not-allowed' || refusal.code === 'not-found'))
      return false;
    throw refusal;
  }
}

/** An input that names birds and its posts; operations see nothing else of it before they decide whom they serve. */
function inputFor(operation: AnyOperation, { heldId, postId }: Place): Readonly<Record<string, unknown>> {
  return {
    list: 'birds',
    id: operation.name.includes('held') ? heldId : postId,
    changes: { title: 'Ours now' },
    how: 'confirm',
  };
}

describe('docs/roles.md', () => {
  test('names every operation, and nothing else', () => {
    expect([...table.keys()].toSorted()).toEqual(operations.map(({ name }) => name));
  });

  test('says who may do what, and nobody without proof may do more than anybody', async () => {
    const place = await birds();
    for (const operation of operations) {
      const input = inputFor(operation, place);
      const allowed: string[] = [];
      for (const role of roles)
        if (await mayDo(place, operation, { actor: actors[role], input })) allowed.push(role);
      const least = table.get(operation.name) ?? 'operator';
      expect([operation.name, ...allowed]).toEqual([operation.name, ...roles.slice(roles.indexOf(least))]);
      for (const actor of unproved) {
        const may = await mayDo(place, operation, { actor, input });
        expect([operation.name, actor.kind, may]).toEqual([operation.name, actor.kind, least === 'anybody']);
      }
    }
  });

  test.each<[string, string, Readonly<Record<string, unknown>>, Least]>([
    [
      'every post held, in a quarrel',
      'set-list',
      { list: 'birds', changes: { emergency: 'true' } },
      'moderator',
    ],
    [
      'that and another setting',
      'set-list',
      { list: 'birds', changes: { emergency: 'true', join: 'open' } },
      'owner',
    ],
    [
      'what becomes of a member’s posts',
      'set-member',
      { list: 'birds', changes: { posting: 'hold' } },
      'moderator',
    ],
    ['a role', 'set-member', { list: 'birds', changes: { role: 'owner' } }, 'owner'],
    ['invitations', 'invite-members', { list: 'birds', how: 'invite' }, 'moderator'],
    ['a rule of the whole site', 'set-sender-rule', { list: null }, 'operator'],
    ['a header rule of the whole site', 'set-header-rule', { list: null }, 'operator'],
    ['what waits on all lists', 'list-held', {}, 'operator'],
    ['the rules of all lists', 'list-sender-rules', {}, 'operator'],
  ])('%s', async (_, name, input, least) => {
    const place = await birds();
    const operation = operations.find((each) => each.name === name);
    if (!operation) throw new Error(`there is no ${name}`);
    for (const role of roles) {
      const may = await mayDo(place, operation, { actor: actors[role], input });
      expect([role, may]).toEqual([role, roles.indexOf(role) >= roles.indexOf(least)]);
    }
  });

  test('an owner of one list is nobody on another', async () => {
    const place = await birds();
    for (const operation of operations.filter(({ name }) =>
      ['owner', 'moderator'].includes(table.get(name) ?? ''),
    )) {
      const may = await mayDo(place, operation, { actor: verified(eve), input: inputFor(operation, place) });
      expect([operation.name, may]).toEqual([operation.name, false]);
    }
  });
});
