import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenerOptions } from '../../src/receive/listener.ts';
import { message, type Started, start } from './test-door.ts';

let server: Started | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function listen(limits: ListenerOptions['limits']): Promise<Started> {
  server = await start({ limits });
  return server;
}

describe('a sender who takes his time', () => {
  it('is cut off when he trickles', async () => {
    const { client, door } = await listen({ data: { total: 60_000, window: 50, minBytes: 100 } });
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    peer.write('F');
    expect(await peer.reply()).toBe('421 4.4.2 The message arrives too slowly');
    await peer.closed();
    expect(door.mails).toEqual([]);
  });

  it('is cut off when all of it takes too long, however busy he is', async () => {
    const { client } = await listen({ data: { total: 200, window: 50, minBytes: 1 } });
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    const writing = setInterval(() => peer.write('x'.repeat(1000)), 5);
    expect(await peer.reply()).toContain('421 4.4.2');
    clearInterval(writing);
  });

  it('is cut off when he says nothing at all', async () => {
    const { client } = await listen({ idle: 200 });
    const peer = await client();
    expect(await peer.reply()).toContain('220');
    expect(await peer.reply()).toContain('421');
    await peer.closed();
  });

  it('is waited for while we decide: idle is only who owes us something', async () => {
    const { client, door } = await listen({ idle: 1_500 });
    const peer = await client();
    door.gate = new Promise((resolve) => setTimeout(resolve, 2_000));
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    peer.write(`${message()}.\r\n`);
    expect(await peer.reply()).toContain('250');
    peer.destroy();
  });

  it('leaves nothing behind when he hangs up in the middle', async () => {
    const { client, door } = await listen({});
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    peer.write(message().slice(0, 50));
    peer.destroy();
    const next = await client();
    await next.openData('alice@example.com', 'birds@lists.example.org');
    next.write(`${message()}.\r\n`);
    expect(await next.reply()).toContain('250');
    expect(door.mails).toHaveLength(1);
    expect(door.logged.filter(({ level }) => level === 'error')).toEqual([]);
    next.destroy();
  });
});

describe('closing', () => {
  it('sends idle clients away at once', async () => {
    const { client, listeners } = await listen({});
    const peer = await client();
    await peer.reply();
    await peer.say('EHLO x');
    const closing = listeners.close();
    expect(await peer.reply()).toBe('421 4.3.2 lists.example.org is shutting down, try again later');
    await peer.closed();
    await closing;
  });

  it('gives a running transaction its answer, then 421', async () => {
    const { client, listeners, door } = await listen({});
    let open = () => {};
    door.gate = new Promise((resolve) => {
      open = resolve;
    });
    const [deciding, arriving] = [await client(), await client()];
    for (const peer of [deciding, arriving])
      await peer.openData('alice@example.com', 'birds@lists.example.org');
    deciding.write(`${message()}.\r\n`);
    arriving.write('From: alice@example.com\r\n');
    const closing = listeners.close();
    arriving.write('\r\nstill coming\r\n.\r\n');
    open();
    for (const peer of [deciding, arriving]) {
      expect(await peer.reply()).toContain('250 2.0.0 accepted');
      expect(await peer.reply()).toContain('421 4.3.2');
    }
    await closing;
    expect(door.mails).toHaveLength(2);
  });

  it('takes no new connections', async () => {
    const { at, listeners } = await listen({});
    await listeners.close();
    const [error] = await once(connect(at), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not wait longer than it may', async () => {
    const { client, listeners } = await listen({ close: 50 });
    const peer = await client();
    await peer.openData('alice@example.com', 'birds@lists.example.org');
    await listeners.close();
    expect(await peer.reply()).toContain('421');
    peer.destroy();
  });
});
