import { expect } from 'vitest';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../support/stores.ts';
import { type Answer, type Asking, makeList, startSite, type TestSite } from './site.ts';

const anna = 'anna@example.com';

eachStore('who asks to join is mailed a link, and told where the request came from', async (store) => {
  const { site } = await withList(store);
  const answer = await fillIn(site, '/birds/join', { email: ' Anna@Example.COM ', name: 'Anna' });
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('Check your mail');
  const token = await site.lastToken(anna);
  expect((await site.mails())[0]?.text).toContain('from 127.0.0.x');
  expect((await site.post(`/c/${token}`, { token, answer: 'yes' })).text).toContain('is now on Birds');
});

eachStore('members and strangers get the same answer, and each a mail that fits', async (store) => {
  const { site } = await withList(store);
  await site.desk.operate(addMembers, { list: 'birds', members: [{ email: anna }] });
  const answers: Answer[] = [];
  for (const page of ['/birds/join', '/birds/leave']) {
    for (const email of [anna, 'stranger@example.com']) answers.push(await fillIn(site, page, { email }));
  }
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await site.mails()).map(({ to, text }) => [to, text.split('\r\n')[0]])).toEqual([
    [anna, `${anna} is on the mailing list “Birds” already (subscribed).`],
    ['stranger@example.com', 'Someone (we hope you) asked to add stranger@example.com to the mailing list'],
    [anna, `Someone (we hope you) asked to take ${anna} off the mailing list`],
    ['stranger@example.com', 'stranger@example.com is not on the mailing list “Birds”.'],
  ]);
});

eachStore('a list that is not public answers like one that does not exist, and works', async (store) => {
  const { site } = await withList(store, {});
  const real = await fillIn(site, '/birds/join', { email: anna });
  const none = await fillIn(site, '/fishes/join', { email: 'bert@example.com' });
  expect(none).toMatchObject({ status: real.status, text: real.text });
  expect((await site.mails()).map(({ to }) => to)).toEqual([anna]);
});

eachStore('a form filled in by a program gets the usual answer and sends nothing', async (store) => {
  const { site } = await withList(store);
  const answer = await fillIn(site, '/birds/join', { email: anna, website: 'https://example.com' });
  expect(answer.text).toContain('Check your mail');
  expect(await site.mails()).toEqual([]);
});

const ages: readonly (readonly [name: string, ms: number, said: string])[] = [
  ['a moment too early', 1_999, 'That was very quick'],
  ['two seconds after it was shown', 2_000, 'Check your mail'],
  ['an hour after it was shown', 3_600_000, 'Check your mail'],
  ['a moment too late', 3_600_001, 'open for a long time'],
];
for (const [name, ms, said] of ages) {
  eachStore(`a form that is sent ${name}: “${said}”`, async (store) => {
    const { site } = await withList(store);
    const answer = await fillIn(site, '/birds/join', { email: anna }, { wait: ms });
    expect(answer.text).toContain(said);
    const sent = said === 'Check your mail';
    expect(answer.status).toBe(sent ? 200 : 422);
    expect((await site.mails()).length).toBe(sent ? 1 : 0);
    if (!sent) expect(answer.text).toContain(`value="${anna}"`);
  });
}

eachStore('the seal of another form, a forged one or none counts as stale', async (store) => {
  const { site } = await withList(store);
  const other = sealOf(await site.ask('/birds/leave'));
  const forged = other.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  site.desk.now += 10_000;
  for (const shown of [other, forged, '', '.', 'x'.repeat(1000), `${site.desk.now.toString(36)}.`]) {
    const answer = await site.post('/birds/join', { email: anna, shown });
    expect(answer.status).toBe(422);
  }
  expect((await site.post('/birds/join', { email: anna })).status).toBe(422);
  expect(await site.mails()).toEqual([]);
});

const badAddresses: readonly string[] = [
  '',
  'anna',
  'anna@localhost',
  'a b@example.com',
  'anna@example.com, bert@example.com',
  'anna@example.com\r\nBcc: bert@example.com',
  '"><script>alert(1)</script>@example.com',
  'birds@lists.example.org',
  `${'a'.repeat(300)}@example.com`,
  'anna\u0000@example.com',
];
eachStore('an address that we cannot write to is asked for again', async (store) => {
  const { site } = await withList(store);
  for (const email of badAddresses) {
    const answer = await fillIn(site, '/birds/join', { email });
    expect([email, answer.status]).toEqual([email, 422]);
    expect(answer.text).toContain('We cannot write to this address');
    expect(answer.text).not.toContain('<script');
  }
  expect(await site.mails()).toEqual([]);
});

eachStore('names that would break a mail are put in order', async (store) => {
  const { site } = await withList(store);
  const answer = await fillIn(site, '/birds/join', { email: anna, name: 'A\r\nBcc: x@example.com\u0000<b>' });
  expect(answer.status).toBe(200);
  const row = await store.read((db) => db.selectFrom('tokens').select('payload').executeTakeFirstOrThrow());
  expect(JSON.parse(row.payload)).toMatchObject({ name: 'A Bcc: x@example.com <b>' });
});

eachStore('a form sent from another site does nothing', async (store) => {
  const { site } = await withList(store);
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  const answer = await fillIn(site, '/birds/join', { email: anna }, { how: { headers } });
  expect(answer.status).toBe(403);
  expect(await site.mails()).toEqual([]);
});

eachStore('the eleventh request of a network is answered alike and mails nobody', async (store) => {
  const { site } = await withList(store);
  const from = (ip: string): Asking => ({ headers: { 'X-Forwarded-For': ip } });
  const answers = new Set<string>();
  for (let i = 0; i < 11; i++) {
    const how = from(`203.0.113.9, 192.0.2.${i}`);
    answers.add((await fillIn(site, '/birds/join', { email: `a${i}@example.com` }, { how })).text);
  }
  expect(answers.size).toBe(1);
  expect((await site.mails()).length).toBe(10);
  await fillIn(site, '/birds/join', { email: 'b@example.com' }, { how: from('198.51.100.1') });
  expect((await site.mails()).length).toBe(11);
});

async function withList(
  store: Store,
  settings: Readonly<Record<string, string>> = { listed: 'true' },
): Promise<{ site: TestSite }> {
  const limits = { joinsPerNetwork: { count: 30, ms: 3_600_000 } };
  const site = await startSite(store, { site: { limits } });
  await makeList(site.desk, settings);
  return { site };
}

/** As a person does: opens the page, takes a while, sends it. */
async function fillIn(
  site: TestSite,
  page: string,
  fields: Readonly<Record<string, string>>,
  { wait = 10_000, how = {} }: { wait?: number; how?: Asking } = {},
): Promise<Answer> {
  const shown = sealOf(await site.ask(page));
  site.desk.now += wait;
  return site.post(page, { ...fields, shown }, how);
}

function sealOf({ text }: Answer): string {
  return /name="shown" value="([^"]+)"/.exec(text)?.[1] ?? '';
}
