import { availableParallelism } from 'node:os';
import { createChecks } from '../../src/checks/create-checks.ts';
import { createResolver } from '../../src/dns/resolver.ts';
import type { Address } from '../../src/domain/address.ts';
import type { IncomingMail } from '../../src/domain/incoming.ts';
import { silentLog } from '../../src/domain/log.ts';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { startNameServer, type TestDns } from '../../test/support/name-server.ts';
import { type Bench, type Figure, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { memberAddress } from '../load/members.ts';
import { openSender } from '../load/sender.ts';
import { makeSignedMails, makeSigner, type Signer } from '../load/signed-mail.ts';
import { alternate } from '../rounds.ts';
import { installListwright, listDomain, makeList } from '../servers/listwright.ts';
import { mailauthAlone } from '../servers/mailauth-alone.ts';
import { monotonicNow } from '../wire/sink.ts';

const connections = 20;

/** Target 14: who sent it, found out by SPF, DKIM (RSA-2048) and DMARC; DNS answers at once. */
export const checks: Measurement = {
  name: 'checks',
  async measure(bench) {
    const from = memberAddress(0);
    const signer = makeSigner(from.slice(from.lastIndexOf('@') + 1));
    const dns = await startNameServer(signer.zones);
    try {
      return [...(await oneMail(bench, dns, signer)), await ingestOfSigned(bench, dns, signer)];
    } finally {
      await dns.close();
    }
  },
};

/** What one mail waits for its checks, and how much of that the event loop is held. */
async function oneMail({ options }: Bench, dns: TestDns, signer: Signer): Promise<readonly Figure[]> {
  const resolver = createResolver({ servers: [dns.address], now: () => performance.now() });
  const checker = createChecks({
    site: { hostname: listDomain, senderChecks: 'own', trustedSealers: [], trustedAuthservIds: [] },
    rspamd: '',
    resolver,
    log: silentLog,
    now: Date.now,
    threads: availableParallelism(),
  });
  const waits: number[] = [];
  const held: number[] = [];
  for (let run = 0; run <= options.runs; run++) {
    const mails = makeSignedMails(300, { ...envelope(), bytes: 4096, signer }).map(asIncoming);
    const loop = performance.eventLoopUtilization();
    const began = monotonicNow();
    for (const mail of mails) {
      const { checks: found } = await checker.check(mail);
      if (found.identity.class !== 'verified') throw new Error(`not verified: ${found.identity.why}`);
    }
    const took = monotonicNow() - began;
    if (run === 0) continue;
    waits.push(took / mails.length);
    held.push(performance.eventLoopUtilization(loop).active / mails.length);
  }
  await checker.close();
  resolver.close();
  const wait = spreadOf(waits);
  return [
    {
      target: 14,
      what: 'SPF, DKIM and DMARC of a signed mail of 4 KB, one after the other',
      unit: 'ms',
      ours: wait,
      goal: { text: '< 5 ms', met: wait.median < 5 },
    },
    { target: 14, what: 'of that, held up the event loop', unit: 'ms', ours: spreadOf(held) },
  ];
}

async function ingestOfSigned(bench: Bench, dns: TestDns, signer: Signer): Promise<Figure> {
  const installation = installListwright(bench, { dnsServer: dns.address });
  const shape = { name: 'quiet', members: 1, mode: 'none' } as const;
  const { address: list } = await makeList(bench, installation, shape);
  const server = await installation.serve();
  const posts = bench.options.quick ? 1000 : 3000;
  const make = () => makeSignedMails(posts, { ...envelope(list), bytes: 4096, signer });
  const alone = make();
  const rates = await alternate(bench, {
    ours: () => acceptedPerSecond(server.port, make(), envelope(list)),
    limit: () => mailauthAlone(alone, signer.zones),
  });
  await server.stop();
  const ratio = ratioOf(rates.ours, rates.limit);
  return {
    target: 14,
    what: `durable ingest of signed mail with its checks, ${connections} kept connections`,
    unit: 'posts/s',
    ours: spreadOf(rates.ours),
    limit: { what: 'mailauth alone, on all cores', measured: spreadOf(rates.limit) },
    ratio,
    goal: { text: '≥ 0.7 ×', met: ratio >= 0.7 },
  };
}

function envelope(to = `quiet@${listDomain}`) {
  return { from: memberAddress(0), to };
}

async function acceptedPerSecond(
  port: number,
  mails: readonly Buffer[],
  addresses: { readonly from: string; readonly to: string },
): Promise<number> {
  const sender = await openSender(port, connections);
  const began = monotonicNow();
  const accepted = await sender.send(mails, addresses);
  sender.close();
  return mails.length / ((Math.max(...accepted) - began) / 1000);
}

function asIncoming(raw: Buffer): IncomingMail {
  return {
    envelopeSender: memberAddress(0) as Address,
    recipients: [],
    raw,
    facts: readFacts(raw, readHead(raw), listDomain),
    peer: { protocol: 'smtp', ip: '127.0.0.1', helo: 'bench.example.org', trusted: false, tls: false },
  };
}
