import { afterEach, describe, expect, test } from 'vitest';
import {
  createResolver,
  type DnsResolver,
  type RecordType,
  type ResolverOptions,
} from '../../src/dns/resolver.ts';
import { startDns, type Zones } from '../support/dns.ts';

let resolver: DnsResolver | undefined;
let clock = 1000;
afterEach(() => resolver?.close());

async function open(zones: Zones, limits: ResolverOptions['limits'] = {}) {
  const dns = await startDns(zones);
  clock = 1000;
  resolver = createResolver({ servers: [dns.address], now: () => clock, limits });
  return { dns, ask: asker(resolver) };
}

/** The records, or the code of the error. */
function asker(made: DnsResolver) {
  return (name: string, type: RecordType): Promise<unknown> =>
    made.resolve(name, type).catch((error: { code: string }) => error.code);
}

const circle: Zones = { 'a.example': { CNAME: 'b.example' }, 'b.example': { CNAME: 'a.example' } };

describe('an answer', () => {
  test.each<[string, Zones, [string, RecordType], unknown]>([
    [
      'addresses',
      { 'x.example': { A: ['192.0.2.1', '192.0.2.2'] } },
      ['x.example', 'A'],
      ['192.0.2.1', '192.0.2.2'],
    ],
    ['IPv6 addresses', { 'x.example': { AAAA: ['2001:db8::1'] } }, ['x.example', 'AAAA'], ['2001:db8::1']],
    [
      'mail servers',
      { 'x.example': { MX: [[5, 'mx.x.example']] } },
      ['x.example', 'MX'],
      [{ priority: 5, exchange: 'mx.x.example' }],
    ],
    ['text', { 'x.example': { TXT: ['v=spf1 -all'] } }, ['x.example', 'TXT'], [['v=spf1 -all']]],
    [
      'a long text, over TCP',
      { 'x.example': { TXT: ['a'.repeat(700)] } },
      ['x.example', 'TXT'],
      [['a'.repeat(255), 'a'.repeat(255), 'a'.repeat(190)]],
    ],
    [
      'names of an address',
      { '1.2.0.192.in-addr.arpa': { PTR: ['x.example'] } },
      ['1.2.0.192.in-addr.arpa', 'PTR'],
      ['x.example'],
    ],
    [
      'what an alias leads to',
      { 'a.example': { CNAME: 'x.example' }, 'x.example': { A: ['192.0.2.1'] } },
      ['a.example', 'A'],
      ['192.0.2.1'],
    ],
    [
      'a name with letters beyond ASCII',
      { 'xn--bcher-kva.example': { A: ['192.0.2.1'] } },
      ['bücher.example', 'A'],
      ['192.0.2.1'],
    ],
    [
      'a name with a dot at its end',
      { 'x.example': { A: ['192.0.2.1'] } },
      ['X.Example.', 'A'],
      ['192.0.2.1'],
    ],
    ['a name that does not exist', {}, ['x.example', 'A'], 'ENOTFOUND'],
    ['a name without that type', { 'x.example': { A: ['192.0.2.1'] } }, ['x.example', 'MX'], 'ENODATA'],
    ['aliases in a circle, addresses', circle, ['a.example', 'A'], 'ENODATA'],
    ['aliases in a circle, text', circle, ['a.example', 'TXT'], 'ENODATA'],
    ['a server that fails', { 'x.example': 'servfail' }, ['x.example', 'A'], 'ESERVFAIL'],
    ['octets that are no answer', { 'x.example': 'garbage' }, ['x.example', 'A'], 'ESERVFAIL'],
    ['an answer to another question', { 'x.example': 'wrong' }, ['x.example', 'TXT'], 'ETIMEOUT'],
    ['no answer', { 'x.example': 'silent' }, ['x.example', 'A'], 'ETIMEOUT'],
    [
      'more records than anybody needs',
      { 'x.example': { A: Array.from({ length: 101 }, (_, i) => `192.0.2.${i}`) } },
      ['x.example', 'A'],
      'ESERVFAIL',
    ],
    [
      'more text than anybody needs',
      { 'x.example': { TXT: ['a'.repeat(33 * 1024)] } },
      ['x.example', 'TXT'],
      'ESERVFAIL',
    ],
  ])('%s', async (_, zones, [name, type], expected) => {
    const { ask } = await open(zones, { timeout: 400 });
    expect(await ask(name, type)).toEqual(expected);
  });

  test.each([
    '',
    '.',
    'a..b',
    `${'x'.repeat(64)}.example`,
    `${'x.'.repeat(130)}example`,
    'a\\b.example',
    'a b.example',
  ])('nothing is called %j', async (name) => {
    const { ask, dns } = await open({});
    expect(await ask(name, 'A')).toBe('ENOTFOUND');
    expect(dns.asked).toEqual([]);
  });
});

describe('the cache', () => {
  const zones: Zones = { 'x.example': { A: ['192.0.2.1'], TXT: ['t'], ttl: 20 }, 'bad.example': 'servfail' };
  test.each<[string, string, RecordType, number]>([
    ['keeps addresses as long as their TTL says', 'x.example', 'A', 20_000],
    ['keeps text for a minute', 'x.example', 'TXT', 60_000],
    ['remembers half a minute that there is no such name', 'none.example', 'A', 30_000],
    ['remembers half a minute that there is no such record', 'x.example', 'MX', 30_000],
    ['leaves a server that failed alone for seconds', 'bad.example', 'A', 5000],
  ])('%s', async (_, name, type, keeps) => {
    const { ask, dns } = await open(zones);
    const first = await ask(name, type);
    const asked = dns.asked.length;
    clock += keeps - 1;
    expect(await ask(name, type)).toEqual(first);
    expect(dns.asked).toHaveLength(asked);
    clock += 3;
    expect(await ask(name, type)).toEqual(first);
    expect(dns.asked.length).toBeGreaterThan(asked);
  });

  test('asks once for all who want to know at the same time', async () => {
    const { ask, dns } = await open(zones);
    const all = await Promise.all(Array.from({ length: 20 }, () => ask('x.example', 'A')));
    expect(all).toEqual(Array(20).fill(['192.0.2.1']));
    expect(dns.asked).toEqual(['x.example A']);
  });
});

test('turns questions away where too many wait already, and answers again when they are done', async () => {
  const zones = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`s${i}.example`, 'silent' as const]));
  const { ask } = await open(
    { ...zones, 'x.example': { A: ['192.0.2.1'] } },
    { timeout: 300, concurrent: 2, waiting: 2 },
  );
  const silent = Object.keys(zones).map((name) => ask(name, 'A'));
  const began = performance.now();
  expect(await ask('x.example', 'A')).toBe('ETIMEOUT');
  expect(performance.now() - began).toBeLessThan(250);
  expect(await Promise.all(silent)).toEqual(Array(5).fill('ETIMEOUT'));
  // What was not asked is not remembered as a failure.
  expect(await ask('x.example', 'A')).toEqual(['192.0.2.1']);
});

describe('an owner whose servers do not answer', () => {
  const names = Array.from({ length: 6 }, (_, i) => `s${i}.slow.example`);
  const zones: Zones = {
    ...Object.fromEntries(names.map((name) => [name, 'silent' as const])),
    'x.example': { A: ['192.0.2.1'] },
  };
  const limits = { timeout: 600, concurrent: 4, waiting: 0, concurrentPerOwner: 2, waitingPerOwner: 2 };

  test('keeps nobody else from being asked', async () => {
    const { ask } = await open(zones, limits);
    const slow = names.map((name) => resolver?.resolve(name, 'A', { owner: 'slow.example' }).catch(() => {}));
    const began = performance.now();
    expect(await ask('x.example', 'A')).toEqual(['192.0.2.1']);
    expect(performance.now() - began).toBeLessThan(500);
    await Promise.all(slow);
  });

  test('is asked a few things at once, a few more after them, and no more', async () => {
    const { dns } = await open(zones, limits);
    const slow = names.map((name) => resolver?.resolve(name, 'A', { owner: 'slow.example' }).catch(() => {}));
    await expect.poll(() => new Set(dns.asked).size).toBe(2);
    // That no third comes is seen by waiting only.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(new Set(dns.asked).size).toBe(2);
    await Promise.all(slow);
    expect(new Set(dns.asked).size).toBe(4);
    clock += 10_000;
    await Promise.all(
      names.slice(4).map((name) => resolver?.resolve(name, 'A', { owner: 'slow.example' }).catch(() => {})),
    );
    expect(new Set(dns.asked).size).toBe(6);
  });

  test('keeps nobody from asking for its policy, under a name that somebody waits for, too', async () => {
    const policy = '_dmarc.slow.example';
    const { dns } = await open({ ...zones, [policy]: { TXT: ['v=DMARC1; p=reject'] } }, limits);
    const inTurn = [...names.slice(0, 3), policy, ...names.slice(3)].map((name) =>
      resolver?.resolve(name, 'TXT', { owner: 'slow.example' }).catch(() => {}),
    );
    expect(await resolver?.resolve(policy, 'TXT', { owner: 'slow.example', policy: true })).toEqual([
      ['v=DMARC1; p=reject'],
    ]);
    expect(new Set(dns.asked)).toEqual(
      new Set(['s0.slow.example TXT', 's1.slow.example TXT', `${policy} TXT`]),
    );
    await Promise.all(inTurn);
  });
});
