import { describe, expect, test } from 'vitest';
import { RawClient } from '../receive/raw-client.ts';
import { install } from '../support/program.ts';
import { openSink } from '../support/sink.ts';
import { makeLists } from './lists.ts';
import { rounds } from './rounds.ts';
import { postOnce } from './senders.ts';

const patience = { timeout: 60_000 * rounds };
const crowd = 300 * rounds;

async function setUp(settings: Readonly<Record<string, string>>) {
  const sink = await openSink();
  const installation = await install({ smarthost: sink.url, settings });
  await installation.look((store) => makeLists(store, { birds: 5 }));
  const server = installation.serve();
  await server.listening();
  const connect = () => RawClient.open({ host: '127.0.0.1', port: server.smtpPort });
  return { sink, server, connect };
}

describe('a crowd', () => {
  test(
    'beyond smtp.max_connections is turned away with 421; who was served goes on, and places become free',
    patience,
    async () => {
      const limit = 100;
      const { server, connect } = await setUp({ 'smtp.max_connections': String(limit) });
      const clients = await Promise.all(Array.from({ length: crowd }, connect));
      const greetings = await Promise.all(clients.map((client) => client.reply()));
      const served = clients.filter((_, i) => greetings[i]?.startsWith('220'));
      expect(served).toHaveLength(limit);
      expect(greetings.filter((greeting) => greeting?.startsWith('421 4.7.0'))).toHaveLength(crowd - limit);
      for (const client of served) expect(await client.say('EHLO client.example')).toMatch(/^250/);
      for (const client of served) client.write('QUIT\r\n');
      await Promise.all(clients.map((client) => client.closed()));
      // The server counts a connection out a moment after the client saw it close.
      let reply: string | undefined;
      while (!reply)
        reply = await postOnce(server.smtpPort, { messageId: '1@client.example', list: 'birds' });
      expect(reply).toMatch(/^250/);
    },
  );

  test('that sends its mail a byte at a time does not keep others waiting', patience, async () => {
    const { sink, server, connect } = await setUp({ 'smtp.max_connections': String(crowd + 10) });
    const slow = await Promise.all(Array.from({ length: crowd }, connect));
    await Promise.all(
      slow.map((client) => client.openData('poster@client.example', 'birds@lists.example.org')),
    );
    const trickle = setInterval(() => {
      for (const client of slow) client.write('x');
    }, 50);
    for (let i = 0; i < 20; i++)
      expect(await postOnce(server.smtpPort, { messageId: `${i}@client.example`, list: 'birds' })).toMatch(
        /^250/,
      );
    await sink.received(20 * 5);
    clearInterval(trickle);
    for (const client of slow) client.destroy();
    server.signal('SIGTERM');
    expect((await server.ended()).status).toBe(0);
  });
});
