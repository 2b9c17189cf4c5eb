import { expect, test } from 'vitest';
import { testCertificate } from '../support/certificate.ts';
import { openMailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, deliveryRows, makeList, postTo, start } from '../support/outbox.ts';
import type { SinkOptions } from '../support/sink.ts';
import { onEachEngine } from '../support/stores.ts';

const minute = 60_000;
const people = 60;

/** Takes nobody at the first try. */
function greylisting(): SinkOptions {
  const seen = new Set<string>();
  return {
    rcpt(to) {
      if (seen.has(to)) return undefined;
      seen.add(to);
      return '450 4.2.0 greylisted, come back in five minutes';
    },
  };
}

/** Takes twenty mails, then asks for less; after that it takes them all. */
function throttling(): SinkOptions {
  let asked = 0;
  return {
    mail: (_, connection) =>
      connection > 2 || asked++ < 20 ? undefined : '421 4.7.0 [TSS04] too much from you',
  };
}

/** Offers TLS that does not work, takes some mails and drops the line instead of saying so, and does not know everybody. */
function ill(certificate: { key: string; cert: string } | undefined): SinkOptions {
  const cut = new Set<string>();
  return {
    ...(certificate && { tls: certificate, brokenTls: true }),
    rcpt: (to) => (/^m\d*7@/.test(to) ? '550 5.1.1 no such user' : undefined),
    message({ to }) {
      const [recipient = ''] = to;
      if (!/^m\d*5@/.test(recipient) || cut.has(recipient)) return undefined;
      cut.add(recipient);
      return 'cut';
    },
  };
}

onEachEngine((engine) => {
  test('of a greylisting, a throttling and an ill domain everybody’s mail ends delivered or explained, and another domain notices nothing', async () => {
    const store = await engine.freshStore();
    const world = await openMailWorld({
      'grey.example': greylisting(),
      'busy.example': throttling(),
      'ill.example': ill(testCertificate()),
      'well.example': {},
    });
    const domains = ['grey.example', 'busy.example', 'ill.example', 'well.example'];
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addAddresses(
      store,
      list,
      domains.flatMap((domain) => Array.from({ length: people }, (_, i) => `m${i}@${domain}`)),
    );
    await store.write((tx) => postTo(tx, { list }));
    const clock = { now: start };
    /** How much the domain that is well had got before any time had passed. */
    let atOnce = 0;
    for (let round = 0; round < 12; round++) {
      const worker = startDirectWorker({ store, world, now: () => clock.now });
      await worker.idle();
      await worker.close();
      if (round === 0) atOnce = world.sink('well.example').mails.length;
      clock.now += 7 * minute;
    }
    expect(atOnce).toBe(people);
    expect(world.sink('well.example').commands.filter(({ line }) => line.startsWith('RCPT'))).toHaveLength(
      people,
    );

    const rows = await deliveryRows(store);
    expect(rows.filter(({ state }) => state !== 'sent' && state !== 'failed')).toEqual([]);
    const failed = rows.filter(({ state }) => state === 'failed');
    expect(failed.every((row) => row.last_code === 550 && /7@ill\.example$/.test(row.recipient))).toBe(true);
    expect(failed).toHaveLength(6);
    for (const domain of domains) {
      // What was cut off after its final dot was not kept by the sink: each copy that it took, it took once.
      const reached = world.sink(domain).mails.flatMap(({ to }) => to);
      expect(new Set(reached).size).toBe(reached.length);
      expect(reached).toHaveLength(domain === 'ill.example' ? people - failed.length : people);
    }
    const attempts = (domain: string) =>
      new Set(rows.filter((row) => row.recipient.endsWith(`@${domain}`)).map((row) => row.attempts));
    expect(attempts('grey.example')).toEqual(new Set([2]));
    expect(attempts('busy.example')).toEqual(new Set([1]));
    expect(rows.filter(({ unanswered }) => unanswered === 1).map(({ recipient }) => recipient)).toEqual(
      [5, 15, 25, 35, 45, 55].map((i) => `m${i}@ill.example`),
    );
  });
});
