import { createHash } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenerOptions } from '../../src/receive/listener.ts';
import { message, type Started, start } from './test-door.ts';

const MiB = 1024 * 1024;
let server: Started | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function listen(options: Partial<ListenerOptions>): Promise<Started> {
  server = await start(options);
  return server;
}

/** A message of exactly `bytes` bytes, lines of 76. */
function messageOf(bytes: number): Buffer {
  const head = message('');
  const line = `${'x'.repeat(74)}\r\n`;
  const body = line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes - head.length - 2);
  return Buffer.from(`${head}${body.replace(/\r$/, 'x')}\r\n`, 'latin1');
}

async function send({ client }: Started, raw: Buffer): Promise<string | undefined> {
  const peer = await client();
  try {
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    await peer.writeAll(raw);
    return await peer.say('.');
  } finally {
    peer.destroy();
  }
}

/** Comes again when it is told to at DATA, as a client does; one that got so far is never told to. */
async function sendUntilTaken(to: Started, raw: Buffer): Promise<string | undefined> {
  for (;;) {
    try {
      return await send(to, raw);
    } catch (error) {
      if (!String(error).includes('DATA: 452 4.3.1')) throw error;
    }
  }
}

describe('the size of a message', () => {
  it.each([
    ['exactly the limit', 100_000, '250'],
    ['one byte more', 100_001, '552 5.3.4 The message is larger than the 100000 B we take'],
    ['a hundred times as much', 10_000_000, '552 5.3.4'],
  ])('%s', async (_, bytes, expected) => {
    const { door } = await listen({ maxSize: 100_000 });
    const raw = messageOf(bytes);
    expect(raw).toHaveLength(bytes);
    expect(await send(server as Started, raw)).toContain(expected);
    expect(door.mails.map((mail) => mail.raw.equals(raw))).toEqual(expected === '250' ? [true] : []);
    const refused = door.logged.filter(
      ({ message }) => message === 'a mail that cannot be taken was refused',
    );
    expect(refused).toHaveLength(expected === '250' ? 0 : 1);
  });

  it.each([
    ['in memory from end to end', MiB],
    ['through a file, by one byte', MiB + 1],
    ['through a file', 9 * MiB + 17],
  ])('arrives byte for byte: %s', async (_, bytes) => {
    const { door, folder } = await listen({ maxSize: 10 * MiB });
    const raw = messageOf(bytes);
    expect(await send(server as Started, raw)).toContain('250 2.0.0 accepted');
    const got = door.mails[0]?.raw ?? Buffer.alloc(0);
    expect(sha256(got)).toBe(sha256(raw));
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
  });

  it('keeps dots and empty lines as the author wrote them', async () => {
    const { door, client } = await listen({});
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    peer.write(`${message('..\r\n.. two\r\n\r\n...\r\n').replaceAll('\r\n', '\r\n')}`);
    expect(await peer.say('.')).toContain('250');
    expect(door.mails[0]?.raw.toString()).toBe(message('.\r\n. two\r\n\r\n..\r\n'));
    peer.destroy();
  });
});

describe('memory', () => {
  const small = { maxSize: 2 * MiB, memoryBudget: 2 * MiB };

  it('is refused at DATA while messages being decided fill it, and given back afterwards', async () => {
    const { door, client } = await listen(small);
    let open = () => {};
    door.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { accept } = door;
    const firstIsDecided = new Promise<void>((resolve) => {
      door.accept = (mail) => {
        resolve();
        return accept(mail);
      };
    });
    const first = await client();
    await first.openData('alice@example.com', 'birds@lists.example.org');
    await first.writeAll(messageOf(2 * MiB));
    first.write('.\r\n');
    const second = await client();
    await second.reply();
    for (const line of ['EHLO x', 'MAIL FROM:<>', 'RCPT TO:<birds@lists.example.org>'])
      await second.say(line);
    await firstIsDecided;
    expect(await second.say('DATA')).toBe('452 4.3.1 Too much mail at once, try again later');
    open();
    expect(await first.reply()).toContain('250 2.0.0 accepted');
    expect(await second.say('DATA')).toContain('354');
    first.destroy();
    second.destroy();
  });

  it('is enough for many large messages at once, one after the other', async () => {
    const { door } = await listen({ ...small, connectionsPerIp: 0 });
    const raw = messageOf(2 * MiB);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => sendUntilTaken(server as Started, raw)),
    );
    expect(replies.filter((text) => text?.startsWith('250'))).toHaveLength(8);
    expect(door.mails.every((mail) => sha256(mail.raw) === sha256(raw))).toBe(true);
  });

  it('is given back when clients leave in the middle', async () => {
    const { client } = await listen({ ...small, connectionsPerIp: 0 });
    for (let i = 0; i < 10; i++) {
      const peer = await client();
      await peer.openData('alice@example.com', 'birds@lists.example.org');
      await peer.writeAll(messageOf(MiB));
      peer.destroy();
    }
    expect(await sendUntilTaken(server as Started, messageOf(2 * MiB))).toContain('250');
  });
});

describe('a folder for large messages that somebody deletes under a running server', () => {
  it.each([
    ['is made again for a large message', 2 * MiB, 0],
    ['keeps no mail outside where free space is asked for', 1000, 1],
  ])('%s', async (_, bytes, minFreeDisk) => {
    const { door, folder } = await listen({ maxSize: 10 * MiB, minFreeDisk });
    const incoming = join(folder, 'incoming');
    await rm(incoming, { recursive: true });
    const raw = messageOf(bytes);
    expect(await send(server as Started, raw)).toContain('250 2.0.0 accepted');
    expect(door.mails[0]?.raw.equals(raw)).toBe(true);
    expect((await stat(incoming)).mode & 0o777).toBe(0o700);
  });

  it('is not made where the folder it was in is gone, with the database: no mail is taken', async () => {
    const { door, folder } = await listen({ maxSize: 10 * MiB });
    await rename(folder, `${folder}.elsewhere`);
    expect(await send(server as Started, messageOf(2 * MiB))).toMatch(/^451 /);
    await rename(`${folder}.elsewhere`, folder);
    expect(door.mails).toEqual([]);
    expect(await send(server as Started, messageOf(2 * MiB))).toContain('250 2.0.0 accepted');
  });
});

it('mail waits outside while the disk is nearly full', async () => {
  const { client } = await listen({ minFreeDisk: 2 ** 60 });
  const peer = await client();
  await peer.reply();
  await peer.say('EHLO x');
  expect(await peer.say('MAIL FROM:<a@example.com>')).toContain('452 4.3.1');
  peer.destroy();
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
