/**
 * A process that uses a SQLite store, for tests that watch it from outside or kill it: `store-child.ts DATA_DIR ACTION [COUNT]`.
 * It says what it has done on standard output, a line at a time.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/open-store.ts';
import { holdServerLock } from '../../src/store/server-lock.ts';
import type { Store } from '../../src/store/store.ts';
import { setSwitch } from '../../src/store/switches.ts';

const [dataDir = '', action = '', count = '0'] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, i) => i);
const put = (store: Store, i: number, durable = true) =>
  store.write((tx) => setSwitch(tx, `n${i}`, 'x'), { durable });

const actions: Record<string, (store: Store) => Promise<void>> = {
  async 'one-by-one'(store) {
    for (const i of numbers) await put(store, i);
  },
  async together(store) {
    await Promise.all(numbers.map((i) => put(store, i)));
  },
  async 'not-durable'(store) {
    for (const i of numbers) await put(store, i, false);
    say('written');
    await stay();
  },
  async 'one-by-one-and-stay'(store) {
    for (const i of numbers) {
      await put(store, i);
      say(`written ${i}`);
    }
    await stay();
  },
  /** Goes on when a write fails, and says why. */
  async 'whatever-happens'(store) {
    for (const i of numbers)
      await put(store, i).then(
        () => say(`written ${i}`),
        (error: Error) => say(`refused ${i} ${error.name}: ${error.message}`),
      );
  },
  /** A megabyte each, until one is refused. */
  async flood(store) {
    for (const i of numbers) {
      try {
        await store.write((tx) => setSwitch(tx, `n${i}`, 'x'.repeat(1_000_000)));
        say(`written ${i}`);
      } catch (error) {
        return say(`refused ${i} ${error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  async 'hold-server-lock'() {
    holdServerLock(dataDir);
    say('held');
    await stay();
  },
};

const store = await openStore('sqlite:test.db', {
  dataDir,
  onBroken: () => say('broken'),
  log: { info() {}, warn() {}, error: (_facts, sentence) => say(`logged ${sentence}`) },
});
say('begin');
await actions[action]?.(store);
say('end');
await store.close();

/** At once, so that the line stands at its place among the system calls. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Until killed. */
function stay(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 60_000));
}
