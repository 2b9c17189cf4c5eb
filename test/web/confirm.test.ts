import { expect } from 'vitest';
import { z } from 'zod';
import { cancel } from '../../src/operations/requests/confirm.ts';
import { requestJoin } from '../../src/operations/requests/request-join.ts';
import { issueToken } from '../../src/operations/tokens.ts';
import { findMembership } from '../../src/store/memberships.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../support/stores.ts';
import { makeList, startSite, type TestSite } from './site.ts';

const anna = 'anna@example.com';
const day = 86_400_000;

eachStore('looking at a link changes nothing, however often and by whatever method', async (store) => {
  const { site, token, listId } = await withRequest(store);
  for (let round = 0; round < 3; round++) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      await site.ask(`/c/${token}`, { method });
    }
  }
  expect(await isMember(store, listId)).toBe(false);
  expect((await site.mails()).length).toBe(1);
  const answer = await site.post(`/c/${token}`, { token, answer: 'yes' });
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('<h1>Done</h1>');
  expect(await isMember(store, listId)).toBe(true);
});

eachStore('the page says what will happen and masks the address, before and after', async (store) => {
  const { site, token } = await withRequest(store);
  const pages = [
    await site.ask(`/c/${token}`),
    await site.post(`/c/${token}`, { token, answer: 'yes' }),
    await site.ask(`/c/${token}`),
    await site.post(`/c/${token}`, { token, answer: 'yes' }),
  ];
  for (const page of pages) {
    expect(page.status).toBe(200);
    expect(page.text).toContain('a…a@example.com');
    expect(page.text).not.toContain(anna);
  }
  expect(pages[0]?.text).toContain('Join Birds?');
  expect(pages[2]?.text).toContain('This was done already');
  expect(pages[2]?.text).toContain('21 Nov 2026');
  expect(pages[3]?.text).toContain('This was done already');
});

eachStore('the button “no” calls the request off', async (store) => {
  const { site, token, listId } = await withRequest(store);
  const answer = await site.post(`/c/${token}`, { token, answer: 'no' });
  expect(answer.text).toContain('Called off');
  await site.post(`/c/${token}`, { token, answer: 'yes' });
  expect(await isMember(store, listId)).toBe(false);
});

eachStore('the question of a probe names the lists, and its “no” leaves the way back open', async (store) => {
  const { site } = await withRequest(store);
  const payload = { lists: '“Birds”, “Fishes”' };
  const ask = (about: Record<string, string>) =>
    site.desk.operate<object, { token: string }>(
      {
        name: 'ask',
        kind: 'command',
        summary: 'Asks as a probe does.',
        input: z.object({}),
        authorise: () => {},
        run: (context) => issueToken(context, { kind: 'resume', listId: null, email: anna, payload: about }),
        audit: () => undefined,
      },
      {},
    );
  const { token } = await ask(payload);
  expect((await site.ask(`/c/${token}`)).text).toContain(
    'so it gets no posts of “Birds”, “Fishes” at present',
  );
  const no = await site.post(`/c/${token}`, { token, answer: 'no' });
  expect(no.text).toContain('<h1>Nothing was changed</h1>');
  expect(no.text).toContain('a…a@example.com still gets no posts of “Birds”, “Fishes”.');
  expect((await site.ask(`/c/${token}`)).text).toContain('It works, send me the posts');
  // One of an earlier version.
  const { token: old } = await ask({});
  expect((await site.ask(`/c/${old}`)).text).toContain('so it gets no posts of its lists at present');
});

eachStore('a POST acts only with the token and an answer in its body', async (store) => {
  const { site, token, listId } = await withRequest(store);
  const bodies: readonly Record<string, string>[] = [
    {},
    { answer: 'yes' },
    { token },
    { token, answer: 'perhaps' },
    { token: '000000000000000', answer: 'yes' },
    { 'List-Unsubscribe': 'One-Click' },
  ];
  for (const body of bodies) {
    expect((await site.post(`/c/${token}`, body)).text).toContain('Join Birds?');
  }
  expect(await isMember(store, listId)).toBe(false);
});

eachStore('a link may have changed its case, and its 0 and 1 may have become letters', async (store) => {
  const { site, token, listId } = await withRequest(store);
  const spelled = token.toUpperCase().replaceAll('0', 'O').replaceAll('1', 'I');
  expect((await site.post(`/c/${spelled}`, { token: spelled, answer: 'yes' })).status).toBe(200);
  expect(await isMember(store, listId)).toBe(true);
});

eachStore('who comes too late is offered a fresh link to the same address', async (store) => {
  const { site, token, listId } = await withRequest(store);
  site.desk.now += 8 * day;
  const late = await site.post(`/c/${token}`, { token, answer: 'yes' });
  expect(late.status).toBe(410);
  expect(late.text).toContain('Send a fresh link');
  expect((await site.mails()).length).toBe(1);
  const sent = await site.post(`/c/${token}`, { token, answer: 'again' });
  expect(sent.text).toContain('Check your mail');
  expect(`${late.text}${sent.text}`).not.toContain(anna);
  const fresh = await site.lastToken(anna);
  expect(fresh).not.toBe(token);
  await site.post(`/c/${fresh}`, { token: fresh, answer: 'yes' });
  expect(await isMember(store, listId)).toBe(true);
});

eachStore('a link that still works cannot be made to send more mail', async (store) => {
  const { site, token } = await withRequest(store);
  for (let i = 0; i < 3; i++) await site.post(`/c/${token}`, { token, answer: 'again' });
  expect((await site.mails()).length).toBe(1);
});

eachStore('an owner sees in full whom they let in', async (store) => {
  const { site, token } = await withRequest(store, { join: 'approve' });
  await site.post(`/c/${token}`, { token, answer: 'yes' });
  const asked = await site.lastToken('owner@example.net');
  expect((await site.ask(`/c/${asked}`)).text).toContain(`${anna} asked to join “Birds”`);
  const answer = await site.post(`/c/${asked}`, { token: asked, answer: 'yes' });
  expect(answer.text).toContain(`${anna} is now on Birds.`);
});

eachStore('a link called off by mail says so on its page', async (store) => {
  const { site, token } = await withRequest(store);
  await site.desk.perform(cancel, { kind: 'holder', of: 'confirmation' }, { token });
  expect((await site.ask(`/c/${token}`)).text).toContain('Called off: nothing was changed.');
});

eachStore('what is no token of ours is not found', async (store) => {
  const site = await startSite(store);
  const paths = [
    '/c/000000000000000',
    '/c/k3m9q2x7abc4de',
    '/c/k3m9q2x7abc4defg',
    '/c/%00',
    '/c/%E0%A4%A',
    '/c/..%2f..%2fetc',
    `/c/${'x'.repeat(5000)}`,
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST']) {
      const answer = await site.ask(path, { method });
      expect([path, method, answer.status]).toEqual([path, method, 404]);
    }
  }
  expect(site.errors).toEqual([]);
});

async function withRequest(
  store: Store,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ site: TestSite; token: string; listId: number }> {
  const site = await startSite(store);
  const listId = await makeList(site.desk, settings);
  const visitor = { kind: 'visitor', ip: '192.0.2.7' } as const;
  await site.desk.perform(requestJoin, visitor, { listId, email: anna, origin: { ip: visitor.ip } });
  return { site, token: await site.lastToken(anna), listId };
}

async function isMember(store: Store, listId: number): Promise<boolean> {
  return (await store.read((db) => findMembership(db, listId, anna))) !== undefined;
}
