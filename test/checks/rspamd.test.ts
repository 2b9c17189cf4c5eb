import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRspamd } from '../../src/checks/rspamd.ts';
import type { Address } from '../../src/domain/address.ts';
import type { IncomingMail, Peer } from '../../src/domain/incoming.ts';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { writeMail } from '../support/signed-mail.ts';

const raw = writeMail({ from: 'anna@example.org', to: 'birds@lists.example.org' });

function mail(
  change: { helo?: string; ip?: string; from?: string; to?: readonly string[]; peer?: Partial<Peer> } = {},
): IncomingMail {
  const { helo = 'mx.example.org', ip = '192.0.2.1', to = ['birds@lists.example.org'] } = change;
  const { from = 'anna@example.org' } = change;
  return {
    envelopeSender: from as Address,
    recipients: to.map((address) => ({ address, mailbox: { kind: 'noreply' } as never })),
    raw,
    facts: readFacts(raw, readHead(raw), 'lists.example.org'),
    peer: { protocol: 'smtp', ip, helo, trusted: false, tls: true, ...change.peer },
  };
}

interface Asked {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** A server that speaks as rspamd does; `answer` has the whole request. */
async function start(answer: (response: ServerResponse) => void, timeout = 5000) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url, headers, rawHeaders } = request;
    asked.push({ url, headers, rawHeaders, body: Buffer.concat(chunks).toString('latin1') });
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const logged: { facts: object; sentence: string }[] = [];
  const warn = (facts: object, sentence: string) => void logged.push({ facts, sentence });
  const clock = { now: 0 };
  const rspamd = createRspamd({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log: { info() {}, warn, error: warn },
    now: () => clock.now,
    timeout,
  });
  onTestFinished(() => {
    rspamd.close();
    server.closeAllConnections();
    server.close();
  });
  return { rspamd, asked, logged, clock };
}

const say = (report: unknown) => (response: ServerResponse) => response.end(JSON.stringify(report));

describe('the report', () => {
  test.each<[string, unknown, object]>([
    [
      'no action',
      { action: 'no action', score: 1.5, symbols: {} },
      { action: 'accept', score: 1.5, symbols: [] },
    ],
    ['greylist', { action: 'greylist', score: 5 }, { action: 'later', score: 5, symbols: [] }],
    ['soft reject', { action: 'soft reject', score: 5 }, { action: 'later', score: 5, symbols: [] }],
    ['add header', { action: 'add header', score: 7 }, { action: 'mark', score: 7, symbols: [] }],
    ['rewrite subject', { action: 'rewrite subject', score: 8 }, { action: 'mark', score: 8, symbols: [] }],
    ['reject', { action: 'reject', score: 20 }, { action: 'reject', score: 20, symbols: [] }],
    [
      'what it found, heaviest first',
      {
        action: 'reject',
        score: 20,
        symbols: {
          R_SPF_ALLOW: { score: -0.2 },
          GTUBE: { score: 15 },
          MISSING_DATE: { score: 1 },
          ODD: null,
        },
      },
      { action: 'reject', score: 20, symbols: ['GTUBE', 'MISSING_DATE', 'ODD', 'R_SPF_ALLOW'] },
    ],
    [
      'at most ten of them',
      {
        action: 'no action',
        score: 'high',
        symbols: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`S${i}`, { score: 30 - i }])),
      },
      { action: 'accept', score: 0, symbols: Array.from({ length: 10 }, (_, i) => `S${i}`) },
    ],
  ])('%s', async (_, report, expected) => {
    const { rspamd } = await start(say(report));
    expect(await rspamd.judge(mail())).toEqual(expected);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(500).end('{"action":"reject"}')],
    ['no JSON', (response) => response.end('reject')],
    ['an action that nobody knows', say({ action: 'explode', score: 1 })],
    ['a list', say([])],
    ['a megabyte and more', (response) => response.end(`{"action":"reject","x":"${'y'.repeat(1 << 20)}"}`)],
    ['nothing', () => {}],
    ['half an answer', (response) => response.writeHead(200, { 'content-length': 100 }).write('{')],
    ['a closed connection', (response) => response.destroy()],
  ])('%s is none', async (_, answer) => {
    const { rspamd, logged } = await start(answer, 300);
    expect(await rspamd.judge(mail())).toBeUndefined();
    expect(logged).toHaveLength(1);
  });
});

test('is told the mail and its envelope', async () => {
  const { rspamd, asked } = await start(say({ action: 'no action', score: 0 }));
  await rspamd.judge(mail({ to: ['birds@lists.example.org', 'bees@lists.example.org'] }));
  expect(asked[0]?.url).toBe('/checkv2');
  expect(asked[0]?.body).toBe(raw.toString('latin1'));
  expect(asked[0]?.headers).toMatchObject({
    ip: '192.0.2.1',
    helo: 'mx.example.org',
    from: '<anna@example.org>',
  });
  const names = asked[0]?.rawHeaders.filter((_, i) => i % 2 === 0);
  expect(names?.filter((name) => name === 'Rcpt')).toHaveLength(2);
});

test('a name in EHLO cannot become a header', async () => {
  const { rspamd, asked } = await start(say({ action: 'no action', score: 0 }));
  expect(await rspamd.judge(mail({ helo: 'a\r\nIP: 203.0.113.1\0é', ip: '' }))).toMatchObject({
    action: 'accept',
  });
  expect(asked[0]?.headers).toMatchObject({ helo: 'a??IP: 203.0.113.1??' });
  expect(asked[0]?.headers).not.toHaveProperty('ip');
});

test('mail of an address outside ASCII is judged, too', async () => {
  const { rspamd, asked, logged } = await start(say({ action: 'reject', score: 20 }));
  const letter = mail({
    from: '用户@example.org',
    to: ['jøran@lists.example.org', 'bücher@lists.example.org'],
  });
  expect(await rspamd.judge(letter)).toMatchObject({ action: 'reject' });
  expect(logged).toEqual([]);
  const told = (name: string) => Buffer.from(`${asked[0]?.headers[name]}`, 'latin1').toString();
  expect([told('from'), told('rcpt')]).toEqual([
    '<用户@example.org>',
    '<jøran@lists.example.org>, <bücher@lists.example.org>',
  ]);
});

test('its failures are logged once a minute, with their number', async () => {
  const { rspamd, logged, clock } = await start((response) => response.writeHead(503).end());
  for (let i = 0; i < 5; i++) await rspamd.judge(mail());
  clock.now = 60_000;
  await rspamd.judge(mail());
  clock.now = 0; // put back
  await rspamd.judge(mail());
  expect(logged.map(({ facts }) => facts)).toMatchObject([{ unjudged: 1 }, { unjudged: 5 }, { unjudged: 1 }]);
});

test.each<[string, Partial<Peer>, string | undefined]>([
  ['is not told as the sender’s', {}, undefined],
  ['is not meant where it told the sender’s', { clientTold: true }, '192.0.2.1'],
])('the address of a server in front %s', async (_, peer, ip) => {
  const { rspamd, asked } = await start(say({ action: 'no action', score: 0 }));
  await rspamd.judge(mail({ peer: { trusted: true, ...peer } }));
  expect(asked[0]?.headers.ip).toBe(ip);
});
