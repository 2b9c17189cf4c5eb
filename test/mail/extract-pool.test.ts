import { inflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createExtractPool, type ExtractPool, type PoolOptions } from '../../src/mail/extract-pool.ts';

let pool: ExtractPool | undefined;
afterEach(() => pool?.close());

function open(options: Partial<PoolOptions> = {}): ExtractPool {
  pool = createExtractPool({ hostname: 'lists.example.org', ...options });
  return pool;
}

const mail = (body: string, type = 'text/plain') =>
  Buffer.from(
    `From: Alice <alice@example.org>\r\nSubject: nests\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`,
  );
/** html-to-text needs half a minute for this. */
const slow = mail('<div>'.repeat(200_000), 'text/html');
/** A tree of objects, hundreds of bytes each. */
const fat = mail('<p>'.repeat(300_000), 'text/html');

describe('the pool', () => {
  test('reads mails in their order, as text, words and attachments', async () => {
    const bodies = Array.from({ length: 120 }, (_, i) => `Egg ${i}\r\n> Ölfarbe`);
    const read = await open().read(bodies.map((body) => mail(body)));
    expect(read.map(({ reading }) => (reading.kind === 'read' ? reading.own : reading.why))).toEqual(
      bodies.map((_, i) => `egg ${i}\n`),
    );
    const first = read[0];
    expect(first?.facts).toMatchObject({ subject: 'nests', author: { email: 'alice@example.org' } });
    expect(Buffer.isBuffer(first?.facts.sha256)).toBe(true);
    expect(first?.reading).toMatchObject({ kind: 'read', quoted: '> olfarbe', attachments: [] });
    if (first?.reading.kind === 'read')
      expect(inflateRawSync(first.reading.text).toString()).toBe('Egg 0\n> Ölfarbe\n');
  });

  test('compresses a message where that saves a tenth', async () => {
    const long = mail('the same again '.repeat(100));
    const [short, compressed] = await open().read([mail('x'), long]);
    expect(short?.reading).not.toHaveProperty('deflated');
    if (compressed?.reading.kind !== 'read') expect.fail('it was read');
    expect(inflateRawSync(compressed.reading.deflated ?? Buffer.alloc(0))).toEqual(long);
  });

  test('gives up a mail that takes too long, and reads its neighbours all the same', async () => {
    const read = await open({ timeLimit: 500 }).read([mail('before'), slow, mail('after')]);
    expect(read.map(({ reading }) => reading.kind)).toEqual(['read', 'unreadable', 'read']);
    expect(read[1]?.reading).toMatchObject({ why: expect.stringContaining('longer than 500 ms') });
    expect(read[1]?.facts).toMatchObject({ subject: 'nests', author: { email: 'alice@example.org' } });
  });

  test('gives up a mail that takes too much memory, and reads its neighbours all the same', async () => {
    const read = await open({ heapLimit: 40, timeLimit: 60_000 }).read([mail('before'), fat, mail('after')]);
    expect(read.map(({ reading }) => reading.kind)).toEqual(['read', 'unreadable', 'read']);
    expect(read[1]?.reading).toMatchObject({ why: expect.stringContaining('memory') });
  });

  // On a busy machine the system itself may hold any process up: a second and a third try tell that from our own work.
  test('never holds the event loop up while its thread is stuck', { retry: 2 }, async () => {
    const reading = open({ timeLimit: 1000 }).read([slow]);
    let longest = 0;
    for (let last = performance.now(), done = false; !done; ) {
      done = await Promise.race([reading.then(() => true), turn(false)]);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    expect(longest).toBeLessThan(100);
  });

  test('refuses what it is given after it was closed, and what it had not finished', async () => {
    const closing = open();
    const reading = closing.read([slow]);
    const rejected = expect(reading).rejects.toThrow('closed');
    await closing.close();
    await rejected;
    await expect(closing.read([mail('x')])).rejects.toThrow('closed');
  });

  test('answers nothing for nothing', async () => {
    expect(await open().read([])).toEqual([]);
  });
});

function turn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, 5, value));
}
