import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, requireStartable } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'listwright-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (toml: string, env: Record<string, string> = {}) => {
  writeFileSync(join(cwd, 'listwright.toml'), toml);
  return loadConfig({ env, cwd });
};
const complaints = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
};

describe('which configuration is read', () => {
  it('the one named on the command line goes first', () => {
    writeFileSync(join(cwd, 'a.toml'), 'hostname = "a.example"');
    writeFileSync(join(cwd, 'b.toml'), 'hostname = "b.example"');
    writeFileSync(join(cwd, 'listwright.toml'), 'hostname = "c.example"');
    const name = (file?: string, env = {}) => loadConfig({ file, env, cwd }).config.hostname;
    expect(name('a.toml', { LISTWRIGHT_CONFIG: 'b.toml' })).toBe('a.example');
    expect(name(undefined, { LISTWRIGHT_CONFIG: 'b.toml' })).toBe('b.example');
    expect(name(undefined, { LISTWRIGHT_CONFIG: '' })).toBe('c.example');
  });

  it('a file that was named must exist', () => {
    expect(complaints(() => loadConfig({ file: 'none.toml', env: {}, cwd }))).toEqual([
      'none.toml: there is no such file',
    ]);
    mkdirSync(join(cwd, 'folder'));
    expect(complaints(() => loadConfig({ file: 'folder', env: {}, cwd }))).toEqual([
      'folder: cannot be read (EISDIR)',
    ]);
  });

  it('none at all is trial mode: captured mail, loopback, a folder here', () => {
    const { config, source, startProblems, warnings } = loadConfig({ env: {}, cwd });
    expect(source).toEqual({ kind: 'trial' });
    expect(startProblems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      domains: ['lists.localhost'],
      data_dir: join(cwd, 'data'),
      smtp: { listen: ['127.0.0.1:2525'], lmtp: [] },
      delivery: { transport: 'capture' },
      web: { listen: '127.0.0.1:8080' },
      checks: { spf_dkim_dmarc: false },
    });
  });

  it('a variable that moves a port leaves it trial mode; one that says how mail leaves makes it earnest', () => {
    const moved = loadConfig({ env: { LISTWRIGHT_SMTP__LISTEN: '127.0.0.1:0' }, cwd });
    expect([moved.source.kind, moved.config.delivery.transport]).toEqual(['trial', 'capture']);
    const earnest = loadConfig({ env: { LISTWRIGHT_DELIVERY__TRANSPORT: 'smarthost' }, cwd });
    expect([earnest.source.kind, earnest.config.checks.spf_dkim_dmarc]).toEqual(['environment', true]);
  });
});

describe('what a file says', () => {
  it('is parsed: sizes to bytes, times to milliseconds, rates to numbers, paths made absolute', () => {
    const { config } = load(`
      data_dir = "state"
      [smtp]
      max_size = "10 MiB"
      tls_cert = "cert.pem"
      tls_key = "/etc/key.pem"
      [delivery]
      give_up = "3d"
      [limits]
      posts_per_sender = "3/1m"
      posts_per_list = 0
      min_free_disk = 0
    `);
    expect(config.data_dir).toBe(join(cwd, 'state'));
    expect(config.smtp).toMatchObject({
      max_size: 10_485_760,
      tls_cert: join(cwd, 'cert.pem'),
      tls_key: '/etc/key.pem',
    });
    expect(config.delivery.give_up).toBe(259_200_000);
    expect(config.limits).toMatchObject({
      posts_per_sender: { count: 3, ms: 60_000 },
      posts_per_list: 'off',
      min_free_disk: 0,
    });
  });

  it('starts its relative paths at its own folder, wherever the program was started', () => {
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc/l.toml'), 'data_dir = "state"');
    expect(loadConfig({ file: 'etc/l.toml', env: {}, cwd }).config.data_dir).toBe(join(cwd, 'etc/state'));
    const env = { LISTWRIGHT_DATA_DIR: 'other' };
    expect(loadConfig({ file: 'etc/l.toml', env, cwd }).config.data_dir).toBe(join(cwd, 'other'));
  });

  it('is overridden by variables', () => {
    const { config, given } = load('hostname = "a.example"\n[smtp]\nlisten = ["127.0.0.1:1"]', {
      LISTWRIGHT_SMTP__LISTEN: '127.0.0.1:2, [::1]:3',
      LISTWRIGHT_DKIM__SIGN: 'false',
      LISTWRIGHT_DELIVERY__CONNECTIONS: '7',
      LISTWRIGHT_SMTP__LMTP: '',
    });
    expect(config.smtp.listen).toEqual(['127.0.0.1:2', '[::1]:3']);
    expect(config.smtp.lmtp).toEqual([]);
    expect(config.dkim.sign).toBe(false);
    expect(config.delivery.connections).toBe(7);
    expect(given.find(({ path }) => path === 'smtp.listen')?.origin).toEqual({
      kind: 'environment',
      variable: 'LISTWRIGHT_SMTP__LISTEN',
    });
    expect(given.find(({ path }) => path === 'hostname')).toEqual({
      path: 'hostname',
      value: 'a.example',
      origin: { kind: 'file', file: 'listwright.toml', line: 1, column: 1 },
    });
  });

  it('is warned about where a variable of ours names nothing', () => {
    const { warnings } = load('', {
      LISTWRIGHT_SMTP__LISTN: 'x',
      LISTWRIGHT_CONFIG: '',
      LISTWRIGHT_CORPORA: '/x',
      LISTWRIGHT_REQUIRE_PEERS: '1',
      PATH: '/bin',
    });
    expect(warnings).toEqual([
      'LISTWRIGHT_SMTP__LISTN names no configuration key and is ignored. Did you mean LISTWRIGHT_SMTP__LISTEN?',
    ]);
  });

  it('is warned about where real mail would carry a name of trial mode', () => {
    const { warnings } = load('domains = ["a.example"]\n[delivery]\ntransport = "smarthost"');
    expect(warnings.map((sentence) => sentence.split(' ')[0])).toEqual(['hostname', 'base_url', 'operators']);
  });

  it.each<[name: string, url: string, transport: string, warned: boolean]>([
    ['is warned about where the links of real mail are not https', 'http://a.example', 'smarthost', true],
    ['is content with https', 'https://a.example', 'smarthost', false],
    ['may have http where nothing is sent', 'http://a.example', 'capture', false],
  ])('%s', (_, url, transport, warned) => {
    const { warnings } = load(`base_url = "${url}"\n[delivery]\ntransport = "${transport}"`);
    expect(warnings.some((sentence) => sentence.startsWith('base_url is not https: '))).toBe(warned);
  });

  it.each<[name: string, toml: string, warned: boolean]>([
    ['is warned about where real mail has no operators', 'smarthost', true],
    ['is warned about where it is brought to each server itself, too', 'direct', true],
    ['needs none where nothing is sent', 'capture', false],
  ])('%s', (_, transport, warned) => {
    const { warnings } = load(`[delivery]\ntransport = "${transport}"`);
    expect(warnings.some((sentence) => sentence.startsWith('operators is empty: '))).toBe(warned);
    const named = load(`operators = ["ada@example.org"]\n[delivery]\ntransport = "${transport}"`);
    expect(named.warnings.some((sentence) => sentence.startsWith('operators'))).toBe(false);
  });

  it.each<[name: string, toml: string, warned: readonly string[]]>([
    ['nobody finds out who sent a mail', '[checks]\nspf_dkim_dmarc = false', ['checks.spf_dkim_dmarc']],
    [
      'a mail server in front is believed, and there is none',
      '[smtp]\ntrusted_authserv_ids = ["mx.a.example"]',
      ['smtp.trusted_authserv_ids'],
    ],
    [
      'but not where the one in front does it',
      '[smtp]\nlmtp = ["127.0.0.1:2424"]\ntrusted_authserv_ids = ["mx.a.example"]\n[checks]\nspf_dkim_dmarc = false',
      [],
    ],
    ['but not where we do it', '', []],
  ])('is warned about where %s', (_, toml, warned) => {
    const { warnings } = load(toml);
    expect(warnings.map((sentence) => sentence.split(' ')[0])).toEqual(warned);
  });
});

describe('every mistake is told at once, with its place', () => {
  it.each<[name: string, toml: string, told: readonly string[]]>([
    [
      'an unknown key',
      '[smtp]\n\nmax_sise = "1 MiB"',
      ['listwright.toml:3:1: smtp.max_sise is not a known key. Did you mean smtp.max_size?'],
    ],
    [
      'a key outside its table',
      'transport = "capture"',
      ['listwright.toml:1:1: transport is not a known key. Did you mean delivery.transport?'],
    ],
    ['a key like no other', 'colour = "red"', ['listwright.toml:1:1: colour is not a known key.']],
    [
      'an unknown table',
      '[smpt]\nlisten = []',
      ['listwright.toml:1:1: [smpt] is not a known table. Did you mean smtp?'],
    ],
    [
      'a key like an object’s own',
      'constructor = 1',
      ['listwright.toml:1:1: constructor is not a known key.'],
    ],
    ['a prototype', '__proto__ = 1', ['listwright.toml:1:1: __proto__ is not a known key.']],
    [
      'a value for a table',
      'smtp = 25',
      ['listwright.toml:1:1: smtp: found a value; allowed: a table, [smtp]'],
    ],
    [
      'a list of tables',
      '[[smtp]]\nlisten = []',
      ['listwright.toml:1:1: smtp: found a list of tables, [[…]]; allowed: a table, [smtp]'],
    ],
    [
      'a wrong type',
      '[dkim]\nsign = "yes"',
      ['listwright.toml:2:1: dkim.sign: found "yes"; allowed: true or false'],
    ],
    [
      'a word that is none of those to choose from',
      '[delivery]\ntransport = "smart"',
      ['listwright.toml:2:1: delivery.transport: found "smart"; allowed: "smarthost", "direct", "capture"'],
    ],
    [
      'an impossible value',
      '[smtp]\nmax_size = "25 Mb!"',
      [
        'listwright.toml:2:1: smtp.max_size: found "25 Mb!"; allowed: a size such as "25 MiB", "500 KiB" or "2 GiB", at least 1 KiB',
      ],
    ],
    [
      'the wrong items of a list',
      '[web]\ntrusted_proxies = ["::1", "nginx", 5]',
      [
        'listwright.toml:2:1: web.trusted_proxies: found "nginx", 5; allowed: an IP address such as "192.0.2.1" or a network such as "192.0.2.0/24"',
      ],
    ],
    [
      'a list that must not be empty',
      'domains = []',
      [
        'listwright.toml:1:1: domains: found []; allowed: a list of at least one value, each a host name such as "lists.example.org"',
      ],
    ],
    [
      'a date',
      'hostname = 2024-01-01',
      ['listwright.toml:1:1: hostname: found "2024-01-01"; allowed: a host name such as "lists.example.org"'],
    ],
    [
      'several',
      'hostnam = "x"\n[log]\nlevel = "loud"\n[arc]\nseal = 1',
      [
        'listwright.toml:3:1: log.level: found "loud"; allowed: "trace", "debug", "info", "warn", "error", "silent"',
        'listwright.toml:5:1: arc.seal: found 1; allowed: true or false',
        'listwright.toml:1:1: hostnam is not a known key. Did you mean hostname?',
      ],
    ],
    [
      'broken syntax',
      'hostname = "a\n',
      ['listwright.toml:1:14: not valid TOML: control characters are not allowed in strings'],
    ],
  ])('%s', (_, toml, told) => {
    expect(complaints(() => load(toml)).toSorted()).toEqual(told.toSorted());
  });

  it('in the environment too', () => {
    expect(
      complaints(() => load('', { LISTWRIGHT_WEB__LISTEN: '8080', LISTWRIGHT_DKIM__SIGN: 'maybe' })),
    ).toEqual([
      'LISTWRIGHT_WEB__LISTEN: web.listen: found "8080"; allowed: "127.0.0.1:8080" or "[::1]:8080"',
      'LISTWRIGHT_DKIM__SIGN: dkim.sign: found "maybe"; allowed: true or false',
    ]);
  });

  it('and without the passwords in it', () => {
    const told = complaints(() =>
      load('[delivery]\nsmarthost = "http://anna:geheim@mail.example.org"\n[database]\nurl = "geheim@db"'),
    );
    expect(told).toHaveLength(2);
    expect(told.join()).not.toContain('geheim');
    expect(
      complaints(() => load('[delivery]\nsmarthost = "smtp://anna:geheim@x.y" oops')).join(),
    ).not.toContain('geheim');
    for (const other of ['["smtp://anna:geheim@x.y"]', '{ user = "anna", pass = "geheim" }'])
      expect(complaints(() => load(`[delivery]\nsmarthost = ${other}`)).join()).toContain('found (not shown');
  });
});

describe('what stops a server, but not the other commands', () => {
  it.each([
    [
      'no transport',
      '',
      'delivery.transport is not set: nothing would be sent. Set it to "smarthost" or "direct", or to "capture" to keep mail instead of sending it.',
    ],
    [
      'a certificate without its key',
      '[delivery]\ntransport = "capture"\n[smtp]\ntls_cert = "a.pem"',
      'smtp.tls_key is not set: a certificate and its key go together.',
    ],
  ])('%s', (_, toml, told) => {
    const loaded = load(toml);
    expect(complaints(() => requireStartable(loaded))).toEqual([told]);
  });

  it('nothing, where all is set', () => {
    requireStartable(load('[delivery]\ntransport = "smarthost"'));
  });
});
