import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { settingsFor } from '../../src/domain/setting-value.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { insertList, markDeleted } from '../../src/store/lists.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../support/stores.ts';
import { makeList, startSite } from './site.ts';

eachStore(
  'every page is the same, to the byte, for a list that is not public and for none',
  async (store) => {
    const site = await startSite(store);
    await makeList(site.desk);
    for (const page of ['', '/', '/join', '/leave', '/help', '/m/', '/m/ABC', '/t/ABC', '/nothing']) {
      const hidden = await site.ask(`/birds${page}`);
      const none = await site.ask(`/fishes${page}`);
      expect([page, withoutSeal(none.text)]).toEqual([page, withoutSeal(hidden.text)]);
      expect(none.status).toBe(hidden.status);
      expect(Object.keys(none.headers)).toEqual(Object.keys(hidden.headers));
    }
  },
);

eachStore(
  'the archive’s links in every mail lead to pages that say how to read it by mail',
  async (store) => {
    const site = await startSite(store);
    await makeList(site.desk);
    const hidden = await site.ask('/birds/');
    expect([hidden.status, hidden.text]).toEqual([200, expect.stringContaining('href="m/"')]);
    for (const path of ['/birds/m/', '/birds/m/ABC', '/birds/t/ABC']) {
      const page = await site.ask(path);
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.text).toContain('LIST-request@DOMAIN');
      expect(page.text).toContain('get 17');
    }
    await site.desk.operate(setList, { list: 'birds', changes: { listed: 'true' } });
    expect((await site.ask('/birds/m/ABC')).text).toContain(
      'mailto:birds-request@lists.example.org?subject=index',
    );
  },
);

eachStore('the page to leave, which a footer links to, says where the other settings are', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk);
  const page = await site.ask('/birds/leave');
  for (const said of ['Leave this list', 'LIST-nomail@DOMAIN', 'LIST-mail@DOMAIN', 'LIST-request@DOMAIN'])
    expect(page.text).toContain(said);
  await site.desk.operate(setList, { list: 'birds', changes: { listed: 'true' } });
  const listed = await site.ask('/birds/leave');
  expect(listed.text).toContain('href="mailto:birds-nomail@lists.example.org"');
  expect(listed.text).toContain('href="mailto:birds-request@lists.example.org?subject=status"');
  expect((await site.ask('/birds/join')).text).not.toContain('-nomail');
});

eachStore('a public list says what it is for, and how to join, leave and write', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk, { listed: 'true' });
  const page = await site.ask('/birds/');
  expect(page.status).toBe(200);
  for (const said of [
    'Birds',
    'Swifts, mostly.',
    'mailto:birds@lists',
    'birds-owner@',
    '/birds/join',
    '/birds/leave',
  ]) {
    expect(page.text).toContain(said);
  }
  expect((await site.ask('/birds/help')).text).toContain(
    'mailto:birds-request@lists.example.org?subject=help',
  );
  expect((await site.ask('/birds/join')).text).toContain('Join Birds');
  expect((await site.ask('/birds')).headers.location).toBe('/birds/');
});

eachStore('a list keeps its pages under an earlier name, and under its whole address', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk, { listed: 'true' });
  await site.desk.operate(renameList, { list: 'birds', address: 'swifts@lists.example.org' });
  for (const path of [
    '/birds/',
    '/swifts/',
    '/SWIFTS/',
    '/swifts@lists.example.org/',
    '/swifts%40lists.example.org/',
  ]) {
    expect((await site.ask(path)).text).toContain('href="/swifts/join"');
  }
});

eachStore('with several domains a path has the domain', async (store) => {
  const site = await startSite(store, { site: { domains: ['lists.example.org', 'b.example.org'] } });
  await makeList(site.desk, { listed: 'true' });
  expect((await site.ask('/birds/')).text).toContain('Nothing public here');
  expect((await site.ask('/birds@lists.example.org/')).status).toBe(200);
  expect((await site.ask('/')).text).toContain('href="/birds@lists.example.org/"');
});

eachStore('a closed list says so and takes nobody', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk, { listed: 'true' });
  await site.desk.operate(closeList, { list: 'birds' });
  const page = await site.ask('/birds/');
  expect(page.text).toContain('This list is closed');
  expect(page.text).not.toContain('/birds/join');
});

eachStore('the start page names the listed lists, and says so when there are none', async (store) => {
  const site = await startSite(store);
  await makeList(site.desk);
  expect((await site.ask('/')).text).toContain('No list here is in the public directory.');
  await store.write(async (tx) => {
    for (let i = 100; i < 160; i++) await insertPublic(tx, `list${i}`, `Title ${i}`, '');
  });
  const first = await site.ask('/');
  expect(first.text).toContain('Title 149');
  expect(first.text).not.toContain('Title 150');
  expect(first.text).not.toContain('Birds');
  const next = /href="(\/\?after=[^"]+)"/.exec(first.text)?.[1] ?? '';
  const second = await site.ask(next);
  expect(second.text).toContain('Title 159');
  expect(second.text).not.toContain('Title 149');
  for (const after of ['%00', '%3Cb%3E', 'x@elsewhere.example', '@', 'a@b@c']) {
    expect((await site.ask(`/?after=${after}`)).text).toBe(first.text);
  }
});

const vectors: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg/onload=alert(1)>',
  '</textarea><iframe srcdoc="<b>">',
  '<!--><b>',
  ']]><b>',
  '&lt;b&gt; &amp;#60;',
  '{{7*7}} {list} {0, plural, other {#}} `<b>`',
  'javascript:alert(1)',
  '\u202e<b>\u0007\ufeff',
];

eachStore('what an owner wrote is text wherever it is shown', (store) => showsAsText(store, vectors));

const corpora = process.env.LISTWRIGHT_CORPORA;
describe.skipIf(!corpora)('with the vectors of the html-xss corpus', () => {
  eachStore('what an owner wrote is text wherever it is shown', async (store) => {
    const file = join(corpora ?? '', 'html-xss', 'vectors.json');
    const read = JSON.parse(readFileSync(file, 'utf8')) as readonly { readonly payload: string }[];
    expect(read.length).toBeGreaterThan(100);
    await showsAsText(
      store,
      read.map(({ payload }) => payload),
    );
  });
});

/** Each page must be, to the byte, the page of a list with a harmless text, with the escaped text in its place. */
async function showsAsText(store: Store, texts: readonly string[]): Promise<void> {
  const site = await startSite(store);
  const pagesWith = async (text: string) => {
    const { id } = await store.write((tx) => insertPublic(tx, 'shown', text, text));
    const pages: string[] = [];
    for (const path of ['/shown/', '/shown/join', '/shown/leave', '/shown/help', '/']) {
      pages.push(withoutSeal((await site.ask(path)).text));
    }
    await store.write((tx) => markDeleted(tx, id, 1));
    return pages;
  };
  const harmless = await pagesWith('HARMLESS');
  for (const text of texts) {
    const expected = harmless.map((page) => page.replaceAll('HARMLESS', () => escaped(text)));
    expect(await pagesWith(text)).toEqual(expected);
  }
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function insertPublic(tx: Parameters<typeof insertList>[0], name: string, title: string, purpose: string) {
  return insertList(tx, {
    name,
    domain: 'lists.example.org',
    title,
    purpose,
    settings: { ...settingsFor('discussion'), listed: true },
    createdAt: 0,
  });
}

function withoutSeal(page: string): string {
  return page.replace(/name="shown" value="[^"]*"/, '');
}
