import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/domain/refusal.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Db } from '../../src/store/store.ts';
import { clearSwitch, getSwitch, setSwitch } from '../../src/store/switches.ts';
import { eachStore } from '../support/stores.ts';

const names = (db: Db) =>
  db
    .selectFrom('switches')
    .select('name')
    .orderBy('name')
    .execute()
    .then((rows) => rows.map((row) => row.name));

describe('write', () => {
  eachStore('what a write commits, a read sees', async (store) => {
    await store.write((tx) => setSwitch(tx, 'a', '1'));
    expect(await store.read((db) => getSwitch(db, 'a'))).toBe('1');
  });

  eachStore('a work that throws leaves nothing behind, and its caller gets the error', async (store) => {
    const failing = store.write(async (tx) => {
      await setSwitch(tx, 'a', '1');
      throw new Refusal('closed', 'no');
    });
    await expect(failing).rejects.toThrow(new Refusal('closed', 'no'));
    expect(await store.read(names)).toEqual([]);
  });

  eachStore('of many at once, those that fail are undone and the others are kept', async (store) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 120 }, (_, i) =>
        store.write(async (tx) => {
          await setSwitch(tx, `n${String(i).padStart(3, '0')}`, 'x');
          if (i % 3 === 0) throw new Error(`no ${i}`);
          return i;
        }),
      ),
    );
    const kept = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
    expect(kept).toEqual(Array.from({ length: 120 }, (_, i) => i).filter((i) => i % 3 !== 0));
    expect(await store.read(names)).toEqual(kept.map((i) => `n${String(i).padStart(3, '0')}`));
  });

  eachStore('a failed query fails its work alone', async (store) => {
    const twice = (tx: Db) => tx.insertInto('switches').values({ name: 'a', value: '' }).execute();
    const [first, second, other] = await Promise.allSettled([
      store.write(twice),
      store.write(twice),
      store.write((tx) => setSwitch(tx, 'b', '')),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(other.status).toBe('fulfilled');
    expect(await store.read(names)).toEqual(['a', 'b']);
  });

  eachStore('a hundred read-then-writes at once all count', async (store) => {
    await store.write((tx) => setSwitch(tx, 'count', '0'));
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.write(async (tx) => setSwitch(tx, 'count', String(Number(await getSwitch(tx, 'count')) + 1))),
      ),
    );
    expect(await store.read((db) => getSwitch(db, 'count'))).toBe('100');
  });

  eachStore('a write that need not be durable is seen like any other', async (store) => {
    await store.write((tx) => setSwitch(tx, 'a', '1'), { durable: false });
    expect(await store.read((db) => getSwitch(db, 'a'))).toBe('1');
  });

  eachStore(
    'a write and a read inside a write throw at once, and the outer write can go on',
    async (store) => {
      const answer = await store.write(async (tx) => {
        await expect(store.write((inner) => setSwitch(inner, 'b', ''))).rejects.toThrow(
          'store.write was called inside',
        );
        await expect(store.read(names)).rejects.toThrow('store.read was called inside');
        await setSwitch(tx, 'a', '');
        return names(tx);
      });
      expect(answer).toEqual(['a']);
    },
  );

  eachStore('what a work left running may write when the work is over', async (store) => {
    let later: Promise<void> | undefined;
    await store.write(async (tx) => {
      await setSwitch(tx, 'a', '');
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
        store.write((next) => setSwitch(next, 'b', '')),
      );
    });
    await later;
    expect(await store.read(names)).toEqual(['a', 'b']);
  });

  eachStore('a transaction cannot be used when it is over', async (store) => {
    let kept: Db | undefined;
    await store.write(async (tx) => {
      kept = tx;
    });
    await expect(async () => kept && (await setSwitch(kept, 'a', ''))).rejects.toThrow(/over|committed/);
    expect(await store.read(names)).toEqual([]);
  });

  eachStore('a work cannot begin a transaction of its own', async (store) => {
    await expect(store.write(async (tx) => tx.transaction().execute(names))).rejects.toThrow('not supported');
  });
});

describe('read', () => {
  eachStore('cannot write', async (store) => {
    await expect(store.read((db) => setSwitch(db, 'a', ''))).rejects.toThrow();
    expect(await store.read(names)).toEqual([]);
  });

  eachStore('does not wait for an open write, and does not see it', async (store) => {
    const opened = gate();
    const allowed = gate();
    const writing = store.write(async (tx) => {
      await setSwitch(tx, 'a', '');
      opened.open();
      await allowed.passed;
    });
    await opened.passed;
    expect(await store.read(names)).toEqual([]);
    allowed.open();
    await writing;
    expect(await store.read(names)).toEqual(['a']);
  });

  eachStore('whole numbers are numbers: ids, times, counts and sums', async (store) => {
    const at = 1_900_000_000_123;
    await store.write((tx) => tx.insertInto('timers').values({ name: 'a', due_at: at }).execute());
    const row = await store.read((db) =>
      db
        .selectFrom('timers')
        .select((eb) => [
          'due_at',
          eb.fn.countAll<number>().over().as('count'),
          eb.fn.sum<number>('due_at').over().as('sum'),
        ])
        .executeTakeFirst(),
    );
    expect(row).toEqual({ due_at: at, count: 1, sum: at });
  });

  eachStore('bytes come back as they went in', async (store) => {
    const raw = Buffer.from([0, 1, 255, 13, 10, 0]);
    await store.write((tx) =>
      tx.insertInto('keys').values({ purpose: 'hmac', secret: raw, created_at: 1 }).execute(),
    );
    const key = await store.read((db) => db.selectFrom('keys').select('secret').executeTakeFirstOrThrow());
    expect(key.secret).toEqual(raw);
    expect(Buffer.isBuffer(key.secret)).toBe(true);
  });
});

describe('switches', () => {
  eachStore('are set, set again, and cleared', async (store) => {
    await store.write(async (tx) => {
      expect(await getSwitch(tx, 'queue.paused_at')).toBeUndefined();
      await setSwitch(tx, 'queue.paused_at', '1');
      await setSwitch(tx, 'queue.paused_at', '2');
      expect(await getSwitch(tx, 'queue.paused_at')).toBe('2');
      expect(await clearSwitch(tx, 'queue.paused_at')).toBe(true);
      expect(await clearSwitch(tx, 'queue.paused_at')).toBe(false);
    });
  });
});

describe('close', () => {
  eachStore('waits for what was begun, refuses what comes later, and may be called twice', async (store) => {
    const begun = store.write((tx) => setSwitch(tx, 'a', ''));
    await Promise.all([store.close(), store.close()]);
    await expect(begun).resolves.toBeUndefined();
    await expect(store.write((tx) => setSwitch(tx, 'b', ''))).rejects.toThrow();
  });
});

test('an address of no engine is refused', async () => {
  await expect(openStore('mysql://x', { dataDir: '/' })).rejects.toThrow('The address of the database is');
});

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
