import { expect } from 'vitest';
import { Refusal, type RefusalCode } from '../../src/domain/refusal.ts';
import type { Perform } from '../../src/operations/perform.ts';
import { eachStore } from '../support/stores.ts';
import { makeList, startSite } from './site.ts';

const marks = ['zebra7', '<b>zebra7</b>', '%3Cscript%3Ezebra7', 'zebra7%22%3E'];

eachStore('no page says what its address makes it say', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk, { listed: 'true' });
  for (const mark of marks) {
    const paths = [
      `/${mark}`,
      `/${mark}/`,
      `/${mark}/join`,
      `/${mark}/m/${mark}`,
      `/c/${mark}`,
      `/u/${mark}`,
      `/birds/${mark}`,
      `/?after=${mark}&x=${mark}`,
      `/birds/join?email=${mark}&problem=${mark}`,
      `/outbox?key=${mark}`,
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'DELETE', mark === 'zebra7' ? 'PROPFIND' : 'PUT']) {
        const answer = await site.ask(path, { method });
        expect(answer.status).toBeLessThan(500);
        expect([path, method, answer.text.includes('zebra7')]).toEqual([path, method, false]);
      }
    }
  }
  expect(site.errors).toEqual([]);
});

eachStore('paths that are no paths of ours are answered like any other', async (store) => {
  const site = await startSite(store);
  const paths = [
    '/%00',
    '/%00/',
    '/%00/join',
    '/%ff%fe/',
    '/%',
    '/%zz/join',
    '/..%2f..%2fetc%2fpasswd',
    '/../../etc/passwd',
    '/birds/../../x',
    '/static/',
    '/static/..%2fapp.ts',
    '//evil.example/',
    '/%2f%2fevil.example',
    '/\u00e9'.normalize('NFD').replace(/[^ -~]/g, '%CC%81'),
    `/${'x'.repeat(8000)}/`,
    `/${'x/'.repeat(3000)}`,
    '/birds@lists.example.org%00/',
    '/@/',
    '/*',
    '/:list/',
    '/constructor/',
    '/__proto__/join',
  ];
  for (const path of paths) {
    const answer = await site.ask(path);
    expect([path.slice(0, 40), answer.status >= 200 && answer.status < 500]).toEqual([
      path.slice(0, 40),
      true,
    ]);
    expect(answer.headers.location).toBeUndefined();
  }
  expect((await site.ask(`/${'x'.repeat(20_000)}`)).status).toBe(431);
  expect((await site.ask('/a\\b')).status).toBe(400);
  expect(site.errors).toEqual([]);
});

eachStore('a method that a page does not know is told which it knows', async (store) => {
  const site = await startSite(store);
  for (const [path, allow] of [
    ['/', 'GET, HEAD, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
    ['/birds/join', 'GET, HEAD, POST, OPTIONS'],
    ['/c/x', 'GET, HEAD, POST, OPTIONS'],
    ['/u/x', 'GET, HEAD, POST, OPTIONS'],
  ] as const) {
    const put = await site.ask(path, { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, allow]);
    const options = await site.ask(path, { method: 'OPTIONS' });
    expect([options.status, options.headers.allow, options.text]).toEqual([204, allow, '']);
  }
});

eachStore('a form that is too large is refused on every page that takes one', async (store) => {
  const site = await startSite(store);
  const body = 'x'.repeat(64 * 1024 + 1);
  for (const path of ['/c/000000000000000', '/u/x', '/birds/join', '/birds/leave']) {
    for (const chunked of [false, true]) {
      expect((await site.ask(path, { method: 'POST', body, chunked })).status).toBe(413);
    }
  }
});

eachStore(
  'a bug is logged whole under the reference that the page shows, without the token',
  async (store) => {
    const perform: Perform = async () => {
      throw new Error('a secret of the database');
    };
    const site = await startSite(store, { door: { perform } });
    const answer = await site.ask('/c/k3m9q2x7abc4def');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    const reference = /reference: ([0-9a-f]{10})/.exec(answer.text)?.[1];
    expect(site.errors).toMatchObject([
      { reference, method: 'GET', route: '/c/:token', err: { message: 'a secret of the database' } },
    ]);
    expect(JSON.stringify(site.errors)).not.toContain('k3m9q2x7abc4def');
  },
);

const refusals: readonly (readonly [RefusalCode, number, string])[] = [
  ['invalid', 400, 'makes no sense'],
  ['not-found', 404, 'the sentence'],
  ['exists', 409, 'the sentence'],
  ['not-allowed', 403, 'the sentence'],
  ['closed', 403, 'the sentence'],
  ['expired', 410, 'the sentence'],
  ['limit', 429, 'the sentence'],
  ['conflict', 409, 'the sentence'],
  ['busy', 503, 'try again in a moment'],
  ['full', 503, 'try again in a moment'],
];
eachStore('each refusal has its status and its sentence', async (store) => {
  for (const [code, status, said] of refusals) {
    const perform: Perform = async () => {
      throw new Refusal(code, 'the sentence');
    };
    const site = await startSite(store, { door: { perform } });
    const answer = await site.ask('/');
    expect([code, answer.status]).toEqual([code, status]);
    expect(answer.text).toContain(said);
    expect(answer.headers['retry-after']).toBe(status === 503 ? '5' : undefined);
    expect(site.errors).toEqual([]);
  }
});
