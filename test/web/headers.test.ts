import { expect } from 'vitest';
import { requestJoin } from '../../src/operations/requests/request-join.ts';
import { eachStore } from '../support/stores.ts';
import { makeList, startSite } from './site.ts';

const everywhere = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000',
};
const kept = { 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' };

eachStore('every answer forbids scripts, frames and telling others where it stood', async (store) => {
  const outbox = { list: async () => [], read: async () => undefined };
  const trial = { outbox, readableText: () => '' };
  const site = await startSite(store, { web: { outboxKey: 'k' }, door: { trial } });
  const listId = await makeList(site.desk, { listed: 'true' });
  const asked = { listId, email: 'anna@example.com', origin: {} };
  await site.desk.perform(requestJoin, { kind: 'system' }, asked);
  const token = await site.lastToken('anna@example.com');
  const open = { 'cache-control': 'no-store', 'x-robots-tag': 'all' };
  const matrix: readonly (readonly [path: string, status: number, headers: object])[] = [
    ['/', 200, open],
    ['/birds/', 200, open],
    ['/birds', 301, kept],
    ['/birds/join', 200, kept],
    ['/birds/leave', 200, kept],
    ['/birds/help', 200, kept],
    ['/birds/m/ABC', 200, kept],
    ['/fishes/', 200, kept],
    [`/c/${token}`, 200, kept],
    ['/c/none', 404, kept],
    ['/u/none', 404, kept],
    ['/outbox', 403, kept],
    ['/healthz', 200, kept],
    ['/robots.txt', 200, kept],
    ['/a/b/c/d', 404, kept],
  ];
  for (const [path, status, headers] of matrix) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await site.ask(path, { method });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers).toMatchObject({ ...everywhere, ...headers });
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.text).not.toMatch(/<script|javascript:|style="|\son\w+=/i);
    }
  }
});

eachStore('HSTS is promised only where the base URL is https', async (store) => {
  const site = await startSite(store, { web: { baseUrl: 'http://127.0.0.1:8080' } });
  expect((await site.ask('/')).headers['strict-transport-security']).toBeUndefined();
});

eachStore('the stylesheet may be kept for ever, under a name of its own', async (store) => {
  const site = await startSite(store);
  const href = /rel="stylesheet" href="([^"]+)"/.exec((await site.ask('/')).text)?.[1] ?? '';
  const sheet = await site.ask(href);
  expect(sheet.headers['content-type']).toBe('text/css; charset=utf-8');
  expect(sheet.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(sheet.text.length).toBeLessThan(6_000);
});

eachStore('pages work below the path of the base URL, whether a proxy passes it on or not', async (store) => {
  const site = await startSite(store, { web: { baseUrl: 'https://example.org/lists' } });
  await makeList(site.desk, { listed: 'true' });
  for (const path of ['/', '/lists/', '/birds/', '/lists/birds/']) {
    const { status, text } = await site.ask(path);
    expect([path, status]).toEqual([path, 200]);
    const links = [...text.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)].map(([, href]) => href ?? '');
    expect(links.length).toBeGreaterThan(2);
    for (const href of links) {
      expect(href).toMatch(/^\/lists\//);
      expect((await site.ask(href)).status).toBe(200);
    }
  }
});
