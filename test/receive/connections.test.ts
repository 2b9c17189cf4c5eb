import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createListeners, type ListenerOptions } from '../../src/receive/listener.ts';
import { RawClient } from './raw-client.ts';
import { createTestDoor, greetedClient, hostname, message, type Started, start } from './test-door.ts';

let server: Started | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function listen(options: Partial<ListenerOptions>): Promise<Started> {
  server = await start(options);
  return server;
}

async function sendOne(peer: RawClient, hello?: string): Promise<void> {
  await peer.openData('alice@example.com', `birds@${hostname}`, hello);
  expect(await peer.say(`${message()}.`)).toContain('250');
}

describe('connections from one address', () => {
  it('are counted, turned away with 421, and counted out again', async () => {
    const { client, door } = await listen({ connectionsPerIp: 2 });
    const [first, second, third] = [await client(), await client(), await client()];
    expect(await third.reply()).toBe(
      `421 4.7.0 ${hostname} Too many connections from your address, try again later`,
    );
    expect(await first.reply()).toContain('220');
    expect(await second.reply()).toContain('220');
    expect(door.logged).toMatchObject([{ level: 'warn', message: 'connections turned away' }]);
    await first.say('QUIT');
    await first.closed();
    first.destroy();
    (await greetedClient(client)).destroy();
  });

  it('are not counted for a trusted relay', async () => {
    const { client } = await listen({ connectionsPerIp: 1, trustedRelays: ['127.0.0.0/8'] });
    const peers = [await client(), await client(), await client()];
    for (const peer of peers) expect(await peer.reply()).toContain('220');
    for (const peer of peers) peer.destroy();
  });

  it('count as the client a proxy speaks for', async () => {
    const { client } = await listen({ connectionsPerIp: 1, proxyProtocol: ['127.0.0.1'] });
    const from = async (ip: string) => {
      const peer = await client();
      peer.write(`PROXY TCP4 ${ip} 192.0.2.1 40000 25\r\n`);
      return [peer, await peer.reply()] as const;
    };
    const [one, greeting] = await from('203.0.113.1');
    const [two, refused] = await from('203.0.113.1');
    const [three, other] = await from('203.0.113.2');
    expect([greeting, refused, other].map((text) => text?.slice(0, 3))).toEqual(['220', '421', '220']);
    for (const peer of [one, two, three]) peer.destroy();
  });

  it('in a flood leave those served who were there, and cost one log line a second', async () => {
    const { client, door } = await listen({ maxConnections: 20, connectionsPerIp: 0 });
    const kept = await Promise.all(Array.from({ length: 20 }, client));
    const flood = await Promise.all(Array.from({ length: 300 }, client));
    const answers = await Promise.all(flood.map((peer) => peer.reply()));
    expect(answers.filter((text) => text?.startsWith('421 4.7.0'))).toHaveLength(300);
    expect(door.logged.length).toBeLessThan(10);
    await sendOne(kept[0] as RawClient);
    for (const peer of [...kept, ...flood]) peer.destroy();
  });
});

describe('a client that talks and sends nothing', () => {
  it('is sent away after a hundred commands', async () => {
    const { client } = await listen({});
    const peer = await greetedClient(client);
    await peer.say('EHLO client.example');
    for (let said = 1; said < 100; said++) expect(await peer.say('NOOP')).toContain('250');
    expect(await peer.say('RSET')).toBe(`421 4.7.0 ${hostname} Too many commands without a mail`);
    await peer.closed();
    peer.destroy();
  });

  it('starts anew with each mail, and is not counted where it is trusted', async () => {
    const { client } = await listen({});
    const peer = await greetedClient(client);
    await peer.say('EHLO client.example');
    for (let mail = 0; mail < 3; mail++) {
      for (let said = 0; said < 60; said++) await peer.say('RSET');
      for (const line of ['MAIL FROM:<alice@example.com>', `RCPT TO:<birds@${hostname}>`, 'DATA'])
        expect(await peer.say(line)).toMatch(/^[23]/);
      expect(await peer.say(`${message()}.`)).toContain('250');
    }
    peer.destroy();
    await server?.stop();
    const relay = await greetedClient((await listen({ trustedRelays: ['127.0.0.1'] })).client);
    for (let said = 0; said < 150; said++) expect(await relay.say('NOOP')).toContain('250');
    relay.destroy();
  });
});

describe('the peer that the door sees', () => {
  it('is who connected', async () => {
    const { client, door } = await listen({});
    const peer = await client();
    await sendOne(peer);
    expect(door.mails[0]?.peer).toEqual({
      protocol: 'smtp',
      ip: '127.0.0.1',
      helo: 'client.example',
      trusted: false,
      clientTold: false,
      tls: false,
      utf8: false,
    });
    peer.destroy();
  });

  it('is the one a trusted relay told by XCLIENT', async () => {
    const { client, door } = await listen({ trustedRelays: ['127.0.0.1'] });
    const peer = await client();
    await peer.reply();
    await peer.say('EHLO mta.example');
    peer.write('XCLIENT ADDR=203.0.113.7 HELO=far.example\r\n');
    await sendOne(peer, 'EHLO mta.example');
    expect(door.mails[0]?.peer).toMatchObject({
      ip: '203.0.113.7',
      helo: 'far.example',
      trusted: true,
      clientTold: true,
    });
    peer.destroy();
  });

  // Else SPF would be asked about the address of the relay, which a domain of the same people lets send its mail.
  it.each(['[UNAVAILABLE]', '[TEMPUNAVAIL]'])(
    'is nobody known where the relay says ADDR=%s',
    async (address) => {
      const { client, door } = await listen({ trustedRelays: ['127.0.0.1'] });
      const peer = await client();
      await peer.reply();
      await peer.say('EHLO mta.example');
      peer.write(`XCLIENT ADDR=${address}\r\n`);
      await sendOne(peer, 'EHLO mta.example');
      expect(door.mails[0]?.peer).toMatchObject({ ip: '127.0.0.1', trusted: true, clientTold: false });
      peer.destroy();
    },
  );

  it('is the one a load balancer told by PROXY, without trust', async () => {
    const { client, door } = await listen({ proxyProtocol: ['127.0.0.0/8'], trustedRelays: ['127.0.0.1'] });
    const peer = await client();
    peer.write('PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n');
    await sendOne(peer);
    expect(door.mails[0]?.peer).toMatchObject({ ip: '2001:db8::7', trusted: false });
    peer.destroy();
  });

  it.each(['PROXY UNKNOWN', 'PROXY TCP4'])(
    'is not trusted for the address of a load balancer that says %s',
    async (line) => {
      const { client, door } = await listen({ proxyProtocol: ['127.0.0.1'], trustedRelays: ['127.0.0.1'] });
      const peer = await client();
      peer.write(`${line}\r\n`);
      await sendOne(peer);
      expect(door.mails[0]?.peer).toMatchObject({ ip: '127.0.0.1', trusted: false });
      peer.destroy();
    },
  );

  it('is trusted in LMTP', async () => {
    const { client, door } = await listen({ lmtp: ['127.0.0.1:0'] });
    const peer = await client();
    await sendOne(peer, 'LHLO mta.example');
    expect(door.mails[0]?.peer).toMatchObject({ protocol: 'lmtp', trusted: true });
    peer.destroy();
  });
});

describe('listening', () => {
  it('on a Unix socket, for our group, in place of one that a crash left behind', async () => {
    const path = join((await listen({})).folder, 'lmtp.sock');
    for (let round = 0; round < 2; round++) {
      const door = createTestDoor();
      const options = { ...base(path), lmtp: [`unix:${path}`] };
      const listeners = await createListeners(options, door);
      expect(listeners.addresses).toEqual([{ protocol: 'lmtp', kind: 'unix', path }]);
      expect((await stat(path)).mode & 0o777).toBe(0o660);
      const peer = await RawClient.open({ path });
      await sendOne(peer, 'LHLO mta.example');
      expect(door.mails[0]?.peer).toMatchObject({ ip: '', trusted: true });
      peer.destroy();
      await listeners.close();
      await leaveStaleSocket(path);
    }
  });

  it.each([
    [
      'a port that is taken',
      (port: number) => `127.0.0.1:${port}`,
      /cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/,
    ],
    [
      'a folder that is not there',
      () => 'unix:/nowhere/at/all.sock',
      /cannot listen on unix:\/nowhere.*(EACCES|ENOENT)/,
    ],
    ['no address at all', () => 'port 25', /neither host:port nor unix/],
  ])('fails with a sentence: %s', async (_, listenOn, sentence) => {
    const { listeners, folder } = await listen({});
    const [taken] = listeners.addresses;
    const port = taken?.kind === 'tcp' ? taken.port : 0;
    const options = { ...base(join(folder, 'x')), listen: ['127.0.0.1:0', listenOn(port)] };
    await expect(createListeners(options, createTestDoor())).rejects.toThrow(sentence);
  });

  it('does not take a socket from a server that is alive, nor a file that is none', async () => {
    const { folder } = await listen({});
    const path = join(folder, 'alive.sock');
    const alive = createServer().listen({ path });
    await once(alive, 'listening');
    const options = (at: string) => ({ ...base(at), listen: [`unix:${at}`] });
    await expect(createListeners(options(path), createTestDoor())).rejects.toThrow('EADDRINUSE');
    alive.close();
    const file = join(folder, 'file');
    await writeFile(file, 'precious');
    await expect(createListeners(options(file), createTestDoor())).rejects.toThrow('EADDRINUSE');
  });

  it('does not take a socket from a server that is too busy to answer', async () => {
    const path = join((await listen({})).folder, 'busy.sock');
    await fillUp(path);
    const options = { ...base(path), listen: [`unix:${path}`] };
    await expect(createListeners(options, createTestDoor())).rejects.toThrow('EADDRINUSE');
  });
});

it('a fault of ours is told by a reference, and logged whole', async () => {
  const { client, door } = await listen({});
  const peer = await client();
  await peer.openData('alice@example.com', `broken@${hostname}`);
  const reply = (await peer.say(`${message()}.`)) ?? '';
  const [, reference] =
    /^451 4\.3\.0 A fault of ours, try again later \(reference (\S+)\)$/.exec(reply) ?? [];
  expect(door.logged).toMatchObject([
    { level: 'error', fields: { reference, err: expect.objectContaining({ message: 'secret detail' }) } },
  ]);
  peer.destroy();
});

function base(near: string): ListenerOptions {
  return {
    hostname,
    listen: [],
    lmtp: [],
    maxSize: 1000_000,
    maxConnections: 10,
    connectionsPerIp: 10,
    trustedRelays: [],
    proxyProtocol: [],
    incomingDir: `${near}.incoming`,
  };
}

/** A socket file nobody listens on: node unlinks its own, so one is made by a process that is killed. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  expect((await stat(path)).isSocket()).toBe(true);
}

/** A server in another process that accepts nobody, with as many who wait as its socket takes. */
async function fillUp(path: string): Promise<void> {
  const script = `require('net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
    require('fs').writeSync(1, 'listening');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  for (let full = false; !full; ) {
    const peer = connect(path);
    onTestFinished(() => void peer.destroy());
    full = await new Promise((resolve) => {
      peer.once('connect', () => resolve(false));
      peer.once('error', () => resolve(true));
    });
  }
}
