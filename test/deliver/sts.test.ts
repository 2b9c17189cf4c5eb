import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fetchPolicy } from '../../src/deliver/direct/fetch-policy.ts';
import { createSts } from '../../src/deliver/direct/sts.ts';
import { createResolver } from '../../src/dns/resolver.ts';
import { silentLog } from '../../src/domain/log.ts';
import { testCertificate } from '../support/certificate.ts';
import { loopback, openMailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, deliveryRows, makeList, postTo, start } from '../support/outbox.ts';
import { findPeer } from '../support/peers.ts';
import { onEachEngine } from '../support/stores.ts';

const openssl = findPeer('openssl');
/** Valid for these names, and trusted where its own text is among the authorities. */
const certificate = openssl ? certificateFor(openssl, ['mta-sts.a.example', 'mx.a.example']) : undefined;
const policy = (mode: string, host = 'mx.a.example') =>
  `version: STSv1\nmode: ${mode}\nmx: ${host}\nmax_age: 86400\n`;

describe.skipIf(!certificate)('MTA-STS', () => {
  onEachEngine((engine) => {
    /** One domain with a policy, its mail server, and one member there. */
    async function setUp({
      text = policy('enforce'),
      status = 200,
      type = 'text/plain',
      server = certificate,
    }: {
      text?: string;
      status?: number;
      type?: string;
      server?: { key: string; cert: string } | null | undefined;
    } = {}) {
      if (!certificate) throw new Error('no openssl');
      const store = await engine.freshStore();
      const world = await openMailWorld(
        { 'a.example': server ? { tls: server } : {} },
        { '_mta-sts.a.example': { TXT: ['v=STSv1; id=1'] }, 'mta-sts.a.example': { A: ['127.0.0.1'] } },
      );
      let asked = 0;
      let ticks = 0;
      const answer = { text, status, type, cut: false };
      const https = createServer(certificate, (_, response) => {
        asked += 1;
        response.writeHead(answer.status, { 'content-type': answer.type, location: '/elsewhere' });
        if (answer.cut) response.write(answer.text, () => response.destroy());
        else response.end(answer.text);
      });
      https.listen(0, '127.0.0.1');
      await once(https, 'listening');
      onTestFinished(() => void https.close());
      const { port } = https.address() as AddressInfo;
      const resolver = createResolver({
        servers: [world.dns.address],
        // Nothing it has asked is fresh any more.
        now: () => performance.now() + ticks++ * 3_600_000,
      });
      const clock = { now: start };
      const makeSts = (privateNetworks = loopback) =>
        createSts({
          store,
          resolver,
          log: silentLog,
          now: () => clock.now,
          fetch: (domain) => fetchPolicy(domain, { resolver, privateNetworks, port, ca: certificate.cert }),
        });
      const send = async () => {
        const list = await store.write((tx) => makeList(tx, 'birds'));
        await addAddresses(store, list, ['m0@a.example']);
        await store.write((tx) => postTo(tx, { list }));
        const worker = startDirectWorker({
          store,
          world,
          policyOf: makeSts().policyOf,
          ca: certificate.cert,
          now: () => clock.now,
        });
        await worker.idle();
        await worker.close();
        const [row] = await deliveryRows(store);
        return { state: row?.state, reply: row?.last_reply, tls: world.sink('a.example').mails[0]?.tls };
      };
      return { world, clock, makeSts, send, answer, asked: () => asked };
    }

    test('enforced: mail goes over TLS to a server that proves its name', async () => {
      const { send } = await setUp();
      expect(await send()).toMatchObject({ state: 'sent', tls: true });
    });

    test.each([
      ['does not offer TLS', null, /./],
      ['has somebody else’s certificate', testCertificate(), /certificate/],
    ])('enforced: a server that %s gets nothing', async (_, server, reply) => {
      const { send } = await setUp({ server });
      expect(await send()).toEqual({
        state: 'deferred',
        reply: expect.stringMatching(reply),
        tls: undefined,
      });
    });

    test('enforced: nor does one that the policy does not name', async () => {
      const { send } = await setUp({ text: policy('enforce', '*.other.example') });
      expect(await send()).toMatchObject({ state: 'deferred', reply: expect.stringMatching(/^4\.7\.5/) });
    });

    test.each([
      ['only tested', { text: policy('testing', 'x.example') }],
      ['no policy', { text: 'none' }],
      ['answered with a redirect', { status: 302 }],
      ['answered with a web page', { type: 'text/html' }],
      ['too large', { text: `${policy('enforce')}${'x'.repeat(70_000)}` }],
    ])('%s: mail goes as it can', async (_, given) => {
      const { send } = await setUp({ ...given, server: testCertificate() });
      expect(await send()).toMatchObject({ state: 'sent', tls: true });
    });

    test('a policy is fetched once, kept over restarts, and again when its id changes', async () => {
      const { world, makeSts, asked, answer, clock } = await setUp();
      expect((await makeSts().policyOf('a.example'))?.mode).toBe('enforce');
      expect((await makeSts().policyOf('a.example'))?.mode).toBe('enforce');
      expect(asked()).toBe(1);
      answer.text = policy('testing');
      world.dns.tell({ '_mta-sts.a.example': { TXT: ['v=STSv1; id=2'] } });
      clock.now += 1_000;
      expect((await makeSts().policyOf('a.example'))?.mode).toBe('testing');
      expect(asked()).toBe(2);
    });

    test('a promise holds while it lasts, although its record is gone or its server answers no more', async () => {
      const { world, makeSts, answer, clock } = await setUp();
      await makeSts().policyOf('a.example');
      world.dns.tell({ '_mta-sts.a.example': 'servfail' });
      expect((await makeSts().policyOf('a.example'))?.mode).toBe('enforce');
      world.dns.tell({ '_mta-sts.a.example': { TXT: ['v=STSv1; id=3'] } });
      answer.status = 500;
      expect((await makeSts().policyOf('a.example'))?.mode).toBe('enforce');
      clock.now += 86_400_000;
      expect(await makeSts().policyOf('a.example')).toBeUndefined();
    });

    test('a policy that is cut off in the middle is none, and nobody waits for its rest', async () => {
      const { makeSts, answer, asked } = await setUp();
      answer.cut = true;
      expect(await makeSts().policyOf('a.example')).toBeUndefined();
      expect(asked()).toBe(1);
    });

    test('a policy server behind our firewall is not asked', async () => {
      const { makeSts, asked } = await setUp();
      expect(await makeSts([]).policyOf('a.example')).toBeUndefined();
      expect(asked()).toBe(0);
    });
  });
});

function certificateFor(program: string, names: readonly string[]): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-sts-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const alternatives = names.map((name) => `DNS:${name}`).join(',');
    const request = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=${alternatives} -keyout ${key} -out ${cert}`;
    execFileSync(program, request.split(' '), { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
