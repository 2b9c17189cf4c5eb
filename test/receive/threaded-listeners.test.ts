import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenerOptions } from '../../src/receive/listener.ts';
import { createThreadedListeners } from '../../src/receive/threaded-listeners.ts';
import { message, type Started, start } from './test-door.ts';

let server: Started | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function listen(options: Partial<ListenerOptions> = {}): Promise<Started> {
  server = await start(options, createThreadedListeners);
  return server;
}

async function send({ client }: Started, to: string, raw: string): Promise<string | undefined> {
  const peer = await client();
  try {
    await peer.openData('alice@example.com', `${to}@lists.example.org`);
    await peer.writeAll(Buffer.from(raw, 'latin1'));
    return await peer.say('.');
  } finally {
    peer.destroy();
  }
}

describe('a door in another thread', () => {
  it.each([
    ['takes a mail', 'birds', /^250 2\.0\.0 accepted as \d+$/],
    ['refuses one', 'refuses', /^550 5\.7\.1 Only members may post$/],
    ['asks to come again', 'later', /^450 4\.7\.1 Too many posts today$/],
    ['is busy', 'busy', /^451 4\.3\.0 We are busy, try again in a few minutes$/],
    [
      'has a fault, of which the client hears only the reference',
      'broken',
      /^451 4\.3\.0 A fault of ours, .*\(reference \S+\)$/,
    ],
  ])('%s', async (_, to, expected) => {
    expect(await send(await listen(), to, message())).toMatch(expected);
  });

  it('refuses an unknown address at RCPT', async () => {
    const { client } = await listen();
    const peer = await client();
    await expect(peer.openData('alice@example.com', 'nobody@lists.example.org')).rejects.toThrow('550 5.1.1');
    peer.destroy();
  });

  it('logs what the listeners say, errors included', async () => {
    const started = await listen();
    const heard = started.door.heard('a mail failed for a fault of ours');
    await send(started, 'broken', message());
    expect(await heard).toMatchObject({ err: expect.objectContaining({ message: 'secret detail' }) });
  });

  it.each([
    ['of a few bytes', 0],
    ['of one block', 15_000],
    ['in memory from end to end', 900_000],
    ['through a file', 3_000_000],
  ])('gets a message byte for byte: %s', async (_, bytes) => {
    const started = await listen({ maxSize: 4_000_000 });
    const raw = message(`${'Long ago. '.repeat(7)}\r\n`.repeat(bytes / 72));
    expect(await send(started, 'birds', raw)).toMatch(/^250/);
    const [mail] = started.door.mails;
    expect(mail?.raw.equals(Buffer.from(raw, 'latin1'))).toBe(true);
    expect(mail?.facts.sha256.equals(createHash('sha256').update(raw, 'latin1').digest())).toBe(true);
  });

  it('fails with the sentence of who could not listen', async () => {
    const { listeners } = await listen();
    const [taken] = listeners.addresses;
    const port = taken?.kind === 'tcp' ? taken.port : 0;
    await expect(start({ listen: [`127.0.0.1:${port}`] }, createThreadedListeners)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}`,
    );
  });

  it('is closed when the mail that was under way has its answer', async () => {
    const { door, client, listeners } = await listen();
    let open = () => {};
    door.gate = new Promise((resolve) => {
      open = resolve;
    });
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    peer.write(`${message()}.\r\n`);
    const closed = listeners.close();
    open();
    expect(await peer.reply()).toMatch(/^250 2\.0\.0 accepted/);
    await closed;
    peer.destroy();
  });
});
