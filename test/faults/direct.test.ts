import { expect, onTestFinished, test } from 'vitest';
import { openMailWorld } from '../support/mail-world.ts';
import { install } from '../support/program.ts';
import { createFate } from './fate.ts';
import { createLedger, everythingSent, judge } from './ledger.ts';
import { makeLists } from './lists.ts';
import { rounds } from './rounds.ts';
import { postAll } from './senders.ts';
import { supervise } from './supervisor.ts';

test('delivering directly and killed again and again, it keeps every promise to three domains', {
  timeout: 180_000 * rounds,
}, async () => {
  const kills = 8 * rounds;
  const fate = createFate({ seed: 4, kills, strike: () => supervisor.kill() });
  const grey = new Set<string>();
  const world = await openMailWorld({
    'birds.example': { message: () => fate.comes('copy') },
    'bees.example': {
      rcpt(to) {
        if (grey.has(to)) return undefined;
        grey.add(to);
        return '450 4.2.0 greylisted';
      },
    },
    'client.example': { pipelining: false },
  });
  onTestFinished(world.dns.close);
  const installation = await install({
    smarthost: 'smtp://127.0.0.1:1',
    settings: {
      'delivery.transport': '"direct"',
      'delivery.retry': '"1s*"',
      'direct.port': `${world.port}`,
      'direct.private_networks': '["127.0.0.0/8"]',
      'checks.dns_servers': `["${world.dns.address}"]`,
    },
  });
  await installation.look((store) => makeLists(store, { birds: 24, bees: 6 }));
  const supervisor = supervise(installation);
  const ledger = createLedger();
  while (fate.left > 0)
    await postAll({
      ledger,
      port: () => supervisor.port(),
      senders: 4,
      posts: 24,
      lists: ['birds', 'bees'],
      sent: () => fate.comes('sent'),
      accepted: () => fate.comes('accepted'),
    });
  await supervisor.port();
  await installation.look(everythingSent);
  expect(await supervisor.stop()).toBe(0);
  const sinks = ['birds.example', 'bees.example', 'client.example'].map((domain) => world.sink(domain));
  const mails = sinks.flatMap((sink, i) =>
    sink.mails.map((mail) => ({ ...mail, connection: i * 1_000_000 + mail.connection })),
  );
  const [first] = sinks;
  if (!first) throw new Error('no sink');
  expect(await installation.look((store) => judge({ ledger, sink: { ...first, mails }, store }))).toEqual([]);
  expect(supervisor.starts).toBe(kills + 1);
});
