import { describe, expect, it } from 'vitest';
import {
  atLeastOne,
  choice,
  count,
  databaseUrl,
  dnsServer,
  domain,
  flag,
  type Kind,
  list,
  listen,
  network,
  optionalWebUrl,
  parseListen,
  rateLimit,
  retrySchedule,
  size,
  sizeLimit,
  smarthost,
  tcpListen,
  webUrl,
} from '../../src/config/values.ts';

const cases: readonly (readonly [
  name: string,
  kind: Kind<unknown>,
  good: readonly unknown[],
  bad: readonly unknown[],
])[] = [
  ['a flag', flag, [true, false], ['true', 1, 'yes', null]],
  ['a count', count(1, 10), [1, 10], [0, 11, 1.5, '5', Number.NaN, true]],
  ['a choice', choice('auto', 'never'), ['auto', 'never'], ['Auto', '', 0]],
  ['a size', size, ['25 MiB', 1024], ['0', 0, -1, 25, 1023, '25 Mb!', true]],
  ['a size limit', sizeLimit, ['25 MiB', '0', 0], ['none', false]],
  ['a rate limit', rateLimit, ['30/1h', '0', 0], [30, 'off', '30 per hour']],
  [
    'a host name',
    domain,
    ['lists.example.org', 'Lists.Example.ORG', 'bücher.example'],
    ['localhost', '', 'a b.c', '192.0.2.1', 'https://x.y', 7],
  ],
  [
    'a listener',
    listen,
    ['127.0.0.1:2525', '[::1]:25', 'localhost:0', 'unix:/run/a.sock'],
    ['2525', ':25', '::1:25', '1.2.3.4:65536', '1.2.3:25', 'unix:', '[127.0.0.1]:25', 25],
  ],
  ['a TCP listener', tcpListen, ['127.0.0.1:8080'], ['unix:/run/a.sock']],
  [
    'a network',
    network,
    ['192.0.2.1', '192.0.2.0/24', '::1', '2001:db8::/32'],
    ['192.0.2.0/33', '::/129', '192.0.2.1/24/1', '192.0.2.0/', 'example.org', ''],
  ],
  [
    'a DNS server',
    dnsServer,
    ['192.0.2.53', '2001:db8::53', '192.0.2.53:5353', '[2001:db8::53]:5353'],
    ['ns.example.org', 'localhost:53', '192.0.2.53:0', '192.0.2.53:65536', '2001:db8::53:', ''],
  ],
  [
    'a web address',
    webUrl,
    ['https://lists.example.org', 'http://127.0.0.1:8080/lists/'],
    ['lists.example.org', 'ftp://x.y', 'https://x.y/?a=b', ''],
  ],
  ['an optional web address', optionalWebUrl, ['', 'http://127.0.0.1:11333'], ['rspamd']],
  [
    'a smarthost',
    smarthost,
    ['smtp://127.0.0.1:25', 'smtps://u:p%40@mail.example.org', 'smtp://[::1]:25/'],
    [
      'mail.example.org',
      'smtp://',
      'smtp:mail',
      'http://x.y',
      'smtp://x.y/path',
      'smtp://x.y?z',
      'smtp://u:100%@x.y',
    ],
  ],
  [
    'a database',
    databaseUrl,
    ['sqlite:listwright.db', 'postgres://u:p@h:5432/n', 'postgresql:///n'],
    ['sqlite:', 'sqlite::memory:', 'mysql://h/n', 'listwright.db'],
  ],
  ['a retry schedule', retrySchedule, ['default', '6m 15m 12h*', '1h'], ['', '6m,15m', '6', '* 6m', '0']],
  ['a list', list(network), [[], ['::1', '127.0.0.1']], ['::1', ['x'], [['::1']], { 0: '::1' }]],
  ['a list that must not be empty', atLeastOne(domain), [['a.b']], [[], ['x'], 'a.b']],
];

describe.each(cases)('%s', (_, kind, good, bad) => {
  it.each(good.map((found) => [found]))('may be %j', (found) => {
    expect(kind.parse(found)).not.toBeUndefined();
  });
  it.each(bad.map((found) => [found]))('may not be %j', (found) => {
    expect(kind.parse(found)).toBeUndefined();
  });
});

describe('what a value becomes', () => {
  it.each<[string, Kind<unknown>, unknown, unknown]>([
    ['a size is bytes', size, '25 MiB', 26_214_400],
    ['a size without unit is bytes', size, 2000, 2000],
    ['a rate of 0 is off', rateLimit, 0, 'off'],
    ['a domain is lower case', domain, 'Lists.Example.ORG', 'lists.example.org'],
    ['a domain is A-labels', domain, 'bücher.example', 'xn--bcher-kva.example'],
    ['a web address loses its last slash', webUrl, 'https://lists.example.org/', 'https://lists.example.org'],
  ])('%s', (_, kind, found, value) => {
    expect(kind.parse(found)).toBe(value);
  });

  it('a listener has a host and a port, or a path', () => {
    expect(parseListen('[::1]:25')).toEqual({ kind: 'tcp', host: '::1', port: 25 });
    expect(parseListen('unix:/run/a b.sock')).toEqual({ kind: 'unix', path: '/run/a b.sock' });
  });
});

describe('what may be shown of an address with a password', () => {
  it.each([
    ['smtp://127.0.0.1:25', 'smtp://127.0.0.1:25'],
    ['smtps://anna@mail.example.org', 'smtps://anna@mail.example.org'],
    ['smtps://anna:geheim@mail.example.org:465', 'smtps://anna:***@mail.example.org:465'],
    ['smtps://anna:ge@heim@mail.example.org', 'smtps://anna:***@mail.example.org'],
    ['smtps://anna:ge/heim@mail.example.org', '(not shown: it may hold a password)'],
    ['smtps://anna:12/heim@mail.example.org', 'smtps://anna:***@mail.example.org'],
    ['anna:geheim@mail.example.org', '(not shown: it may hold a password)'],
    ['postgres://anna:geheim@db/name', 'postgres://anna:***@db/name'],
    ['postgres://db/name?user=anna&password=geheim', '(not shown: it may hold a password)'],
  ])('of %j: %j', (found, shown) => {
    expect(smarthost.mask?.(found)).toBe(shown);
    expect(databaseUrl.mask?.(found)).toBe(shown);
  });
});
