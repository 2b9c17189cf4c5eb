import { expect } from 'vitest';
import { readableText } from '../../src/mail/readable-text.ts';
import type { Store } from '../../src/store/store.ts';
import type { OpenedMail, Outbox } from '../../src/web/outbox.ts';
import { eachStore } from '../support/stores.ts';
import { startSite } from './site.ts';

const baseUrl = 'http://127.0.0.1:8080';
const key = 'k+ey/1=';
const keyed = `key=${encodeURIComponent(key)}`;

eachStore('the outbox lists the mails, newest first, page by page', async (store) => {
  const site = await withMails(store, 60);
  const first = await site.ask(`/outbox?${keyed}`);
  expect(subjectsOf(first.text)).toEqual(range(60, 11));
  const older = /href="(\/outbox\?[^"]*before=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await site.ask(older);
  expect(subjectsOf(second.text)).toEqual(range(10, 1));
  expect(second.text).not.toContain('before=');
});

eachStore('a mail is shown as text, with links to our own pages only', async (store) => {
  const site = await withMails(store, 3);
  const page = await site.ask(`/outbox/2?${keyed}`);
  expect(page.status).toBe(200);
  expect(page.text).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
  expect(page.text).toContain('<a href="http://127.0.0.1:8080/c/k3m9q2x7abc4def">');
  expect(page.text).not.toContain('href="http://elsewhere.example');
  expect(page.text).toContain('X-Head: &lt;b&gt;');
  const raw = await site.ask(`/outbox/2/raw?${keyed}`);
  expect(raw.text).toBe(rawOf(2));
  expect(raw.headers).toMatchObject({
    'content-type': 'message/rfc822',
    'content-disposition': 'attachment; filename="mail.eml"',
    'x-content-type-options': 'nosniff',
  });
  expect((await site.ask(`/outbox/77?${keyed}`)).status).toBe(404);
  expect((await site.ask(`/outbox/%00?${keyed}`)).status).toBe(404);
});

eachStore('whoever wrote a mail stands in the list and above it, as text', async (store) => {
  const site = await withMails(store, 3);
  for (const path of ['/outbox', '/outbox/2']) {
    const { text } = await site.ask(`${path}?${keyed}`);
    expect(text).toContain('<bdi>Writer 2 &lt;w2@example.com&gt;</bdi>');
  }
});

eachStore('a subject and a name of thousands of characters are cut', async (store) => {
  const long = 'x'.repeat(3000);
  const outbox: Outbox = {
    list: async () => [{ ...mail(1), from: long, subject: long }],
    read: async () => ({ ...mail(1), from: long, subject: long }),
  };
  const trial = { outbox, readableText };
  const site = await startSite(store, { web: { outboxKey: key, baseUrl }, door: { trial } });
  for (const path of ['/outbox', '/outbox/1']) {
    const { text } = await site.ask(`${path}?${keyed}`);
    expect(text).toContain(`>${'x'.repeat(149)}…<`);
    expect(text).not.toContain('x'.repeat(150));
  }
});

const keyholders: readonly (readonly [
  name: string,
  path: string,
  headers: Record<string, string>,
  status: number,
])[] = [
  ['the address it listens on', `/outbox?${keyed}`, { Host: '127.0.0.1:8080' }, 200],
  ['localhost', `/outbox?${keyed}`, { Host: 'localhost:8080' }, 200],
  ['localhost at the end of a tunnel', `/outbox?${keyed}`, { Host: 'LOCALHOST:9999' }, 200],
  ['another name for this computer', `/outbox?${keyed}`, { Host: 'evil.example:8080' }, 403],
  ['a name that only begins alike', `/outbox?${keyed}`, { Host: 'localhost.evil.example' }, 403],
  ['another address', `/outbox?${keyed}`, { Host: '192.0.2.1:8080' }, 403],
  ['no key', '/outbox', {}, 403],
  ['an empty key', '/outbox?key=', {}, 403],
  ['a wrong key', '/outbox?key=k', {}, 403],
  ['a key that is longer', `/outbox?${keyed}x`, {}, 403],
  ['a mail without the key', '/outbox/1', {}, 403],
  ['a raw mail without the key', '/outbox/1/raw', {}, 403],
  ['a proxy', `/outbox?${keyed}`, { 'X-Forwarded-For': '192.0.2.1' }, 403],
  ['a proxy on this computer', `/outbox?${keyed}`, { 'X-Forwarded-For': '127.0.0.1' }, 403],
  ['another kind of proxy', `/outbox?${keyed}`, { Via: '1.1 squid' }, 403],
];
eachStore('it opens only on this computer, under its own address, with the key', async (store) => {
  const site = await withMails(store, 1);
  for (const [name, path, headers, status] of keyholders) {
    const answer = await site.ask(path, { headers });
    expect([name, answer.status]).toEqual([name, status]);
    expect(answer.text.includes('Subject 1')).toBe(status === 200);
    expect(answer.text).not.toContain('X-Head');
  }
});

eachStore('in earnest there is no outbox', async (store) => {
  const site = await startSite(store);
  for (const path of ['/outbox', `/outbox?${keyed}`, `/outbox/1?${keyed}`, `/outbox/1/raw?${keyed}`]) {
    expect((await site.ask(path)).status).toBe(404);
  }
});

function withMails(store: Store, count: number) {
  const mails = range(count, 1).map(mail);
  const outbox: Outbox = {
    list: async (limit, before) => {
      const start = before === undefined ? 0 : mails.findIndex(({ id }) => id === before) + 1;
      return mails.slice(start, start + limit);
    },
    read: async (id) => mails.find((one) => one.id === id),
  };
  const trial = { outbox, readableText };
  return startSite(store, { web: { outboxKey: key, baseUrl }, door: { trial } });
}

function mail(number: number): OpenedMail {
  return {
    id: String(number),
    returnPath: '',
    recipients: ['anna@example.com'],
    from: `Writer ${number} <w${number}@example.com>`,
    subject: `Subject ${number}`,
    at: Date.UTC(2026, 10, 21),
    raw: Buffer.from(rawOf(number)),
  };
}

function rawOf(number: number): string {
  const text = `<script>alert(${number})</script> ${baseUrl}/c/k3m9q2x7abc4def. http://elsewhere.example/`;
  return `X-Head: <b>\r\nSubject: raw\r\n\r\n${text}\r\n`;
}

function subjectsOf(page: string): number[] {
  return [...page.matchAll(/>Subject (\d+)</g)].map(([, number]) => Number(number));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, i) => from - i);
}
