import { expect, test } from 'vitest';
import type { Work, WorkOutcome } from '../../src/store/batch.ts';
import { createGroupCommit } from '../../src/store/group-commit.ts';
import type { Db } from '../../src/store/store.ts';

/** A disk whose syncs end when the test says so, and a database that takes everything. */
function setUp() {
  const syncs: { done(): void; fail(error: Error): void }[] = [];
  const told: string[] = [];
  const commits = createGroupCommit({
    file: 'lists.db',
    runBatch: async (works) => ({ kind: 'settled', outcomes: await Promise.all(works.map(run)) }),
    log: {
      now: () => new Promise<void>((resolve, reject) => syncs.push({ done: resolve, fail: reject })),
      soon() {},
      settled: () => undefined,
    },
    committed() {},
    broken: () => told.push('broken'),
  });
  const write = (name: string, durable: boolean) =>
    commits
      .add(async () => name, { durable, first: false })
      .then(
        () => told.push(name),
        (error: Error) => told.push(`${name}: ${error.message}`),
      );
  return { syncs, told, write };
}

async function run(work: Work): Promise<WorkOutcome> {
  return { kind: 'done', value: await work.run({} as Db) };
}

/** Everything that is not waiting for the disk has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a write that need not be durable is told of at once, where all before it is on the disk', async () => {
  const { told, write } = setUp();
  await write('claim', false);
  expect(told).toEqual(['claim']);
});

test('a write that need not be durable is told of when what it may have seen is on the disk', async () => {
  const { syncs, told, write } = setUp();
  const post = write('post', true);
  await settle();
  const claim = write('claim', false);
  await settle();
  expect(told).toEqual([]);
  syncs[0]?.done();
  await Promise.all([post, claim]);
  expect(told).toEqual(['post', 'claim']);
  expect(syncs).toHaveLength(1);
});

test('it fails with what it may have seen, when the disk does', async () => {
  const { syncs, told, write } = setUp();
  const post = write('post', true);
  await settle();
  const claim = write('claim', false);
  await settle();
  syncs[0]?.fail(Object.assign(new Error('EIO'), { code: 'EIO' }));
  await Promise.all([post, claim]);
  expect(told.filter((line) => line !== 'broken')).toEqual([
    expect.stringMatching(/^post: The disk failed/),
    expect.stringMatching(/^claim: The disk failed/),
  ]);
});
