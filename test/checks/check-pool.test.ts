import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CheckPool, type CheckPoolOptions, createCheckPool } from '../../src/checks/check-pool.ts';
import { createResolver, type DnsResolver } from '../../src/dns/resolver.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { manyHeads } from '../support/many-heads.ts';
import { makeKey, signMail, writeMail } from '../support/signed-mail.ts';

const key = makeKey('example.org');
const zones: Zones = { ...key.zone, '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] } };
let pool: CheckPool | undefined;
let resolver: DnsResolver | undefined;
afterEach(async () => {
  await pool?.close();
  resolver?.close();
});

async function open(options: Partial<CheckPoolOptions> = {}, more: Zones = {}) {
  const dns = await startDns({ ...zones, ...more });
  resolver = createResolver({ servers: [dns.address], now: () => performance.now() });
  pool = createCheckPool({ resolver, threads: 2, ...options });
  return { pool, dns };
}

const question = (domain: string) => ({
  authentication: {
    domain,
    clientIp: '192.0.2.1',
    helo: 'mx.example.org',
    envelopeSender: `anna@${domain}`,
    hostname: 'lists.example.org',
    now: Date.now(),
  },
  attachments: true,
});
const write = (text?: string) =>
  writeMail({ from: 'anna@example.org', to: 'birds@lists.example.org', ...(text ? { text } : {}) });

/** Ten signatures, each of which wants its own pass over 25 MiB: some seconds of a thread. */
function makeMonster(): Buffer {
  const signatures = Array.from(
    { length: 10 },
    (_, i) =>
      `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=from; l=${30_000_000 + i}; bh=AAAA; b=AAA${i}\r\n`,
  );
  return Buffer.concat([Buffer.from(signatures.join('')), write(' \t x'.repeat((25 << 20) / 4))]);
}

test('checks many mails at once, each with its own answer', async () => {
  const { pool, dns } = await open();
  const raws = await Promise.all(
    Array.from({ length: 60 }, (_, i) => (i % 2 ? signMail(write(`Egg ${i}`), key) : write(`Egg ${i}`))),
  );
  const results = await Promise.all(raws.map((raw) => pool.check(raw, question('example.org'))));
  const passed = results.map((result) => result.kind === 'checked' && result.authentication?.dmarc.result);
  expect(passed).toEqual(raws.map((_, i) => (i % 2 ? 'pass' : 'fail')));
  // Each name once: the cache is one for all threads.
  expect(new Set(dns.asked).size).toBe(dns.asked.length);
  expect(raws[1]?.toString('latin1')).toContain('Egg 1');
});

test('a mail that waits for DNS holds nobody else up', async () => {
  const { pool } = await open(
    { threads: 1 },
    { 'silent.example': 'silent', '_dmarc.silent.example': 'silent' },
  );
  await pool.check(write(), question('example.org'));
  const waiting = pool.check(write(), question('silent.example'));
  const began = performance.now();
  const quick = await pool.check(write(), question('example.org'));
  expect(performance.now() - began).toBeLessThan(1000);
  expect(quick).toMatchObject({ kind: 'checked', authentication: { dmarc: { result: 'fail' } } });
  expect(await waiting).toMatchObject({
    authentication: { dmarc: { result: 'temperror' }, spf: { result: 'temperror' } },
  });
});

describe('a mail that is too much', () => {
  test('is given up, and those beside it are checked all the same', async () => {
    const { pool } = await open({ threads: 1, patience: 400 });
    await pool.check(write(), question('example.org'));
    const [monster, ...others] = await Promise.all([
      pool.check(makeMonster(), question('example.org')),
      ...Array.from({ length: 5 }, () => pool.check(write(), question('example.org'))),
    ]);
    expect(monster).toEqual({ kind: 'unchecked', why: 'it takes too long to check' });
    for (const other of others) expect(other).toMatchObject({ kind: 'checked' });
  });

  test('for the memory of a thread is given up, and the next one is checked', async () => {
    const { pool } = await open({ threads: 1, heapLimit: 24 });
    await pool.check(write(), question('example.org'));
    expect(await pool.check(manyHeads(1_000), question('example.org'))).toEqual({
      kind: 'unchecked',
      why: 'it takes too much memory to check',
    });
    const second = await pool.check(write(), question('example.org'));
    expect(second).toMatchObject({ kind: 'checked' });
  });

  test('does not stop the event loop for a tenth of a second while it goes over', async () => {
    const { pool } = await open();
    await pool.check(write(), question('example.org'));
    const monster = await signMail(
      write('A line of some eighty characters, as they are in a mail of somebody.\n'.repeat(360_000)),
      key,
    );
    expect(monster.length).toBeGreaterThan(24 << 20);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    expect(await pool.check(monster, question('example.org'))).toMatchObject({
      authentication: { dmarc: { result: 'pass' } },
    });
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(100);
  });
});

test('threads end when they have nothing to do, and start again', async () => {
  const { pool } = await open({ idle: 10 });
  for (let i = 0; i < 3; i++) {
    expect(await pool.check(write(), question('example.org'))).toMatchObject({ kind: 'checked' });
    expect(pool.threads).toBe(1);
    await vi.waitFor(() => expect(pool.threads).toBe(0));
  }
});

test('closed, it takes nothing more', async () => {
  const { pool } = await open();
  const under = pool.check(write(), question('example.org'));
  const refused = expect(under).rejects.toThrow(/closed/);
  await pool.close();
  await refused;
  await expect(pool.check(write(), question('example.org'))).rejects.toThrow(/closed/);
});
