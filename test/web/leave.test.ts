import { expect } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { findMembership } from '../../src/store/memberships.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../support/stores.ts';
import { type Asking, makeList, startSite, type TestSite } from './site.ts';

const anna = 'anna@example.com';
const oneClick = 'List-Unsubscribe=One-Click';
const urlencoded = { 'Content-Type': 'application/x-www-form-urlencoded' };
const multipart = { 'Content-Type': 'multipart/form-data; boundary=---FormBoundaryjWmhtjORrn' };
/** RFC 8058 §8.1, to the byte. */
const multipartBody = [
  '-----FormBoundaryjWmhtjORrn',
  'Content-Disposition: form-data; name="List-Unsubscribe"',
  '',
  'One-Click',
  '-----FormBoundaryjWmhtjORrn--',
  '',
].join('\r\n');

const clicks: readonly (readonly [name: string, how: Asking])[] = [
  ['urlencoded', { headers: urlencoded, body: oneClick }],
  [
    'with a charset',
    { headers: { 'Content-Type': `${urlencoded['Content-Type']}; charset=utf-8` }, body: oneClick },
  ],
  ['as multipart', { headers: multipart, body: multipartBody }],
  ['in pieces', { headers: urlencoded, body: oneClick, chunked: true }],
  ['multipart in pieces', { headers: multipart, body: multipartBody, chunked: true }],
  [
    'from another site',
    {
      headers: {
        ...urlencoded,
        Origin: 'https://mail.example.com',
        'Sec-Fetch-Site': 'cross-site',
        Cookie: 'a=b',
      },
      body: oneClick,
    },
  ],
];

for (const [name, how] of clicks) {
  eachStore(`one click ${name} ends the membership and answers with an empty page`, async (store) => {
    const { site, token, isMember } = await withMember(store);
    for (let click = 0; click < 2; click++) {
      const answer = await site.ask(`/u/${token}`, { method: 'POST', ...how });
      expect(answer).toMatchObject({ status: 200, text: '' });
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers.location).toBeUndefined();
    }
    expect(await isMember()).toBe(false);
    expect((await site.mails()).map(({ to }) => to)).toEqual([anna]);
  });
}

eachStore('looking at the link changes nothing; the button on its page acts', async (store) => {
  const { site, token, isMember } = await withMember(store);
  for (let round = 0; round < 3; round++) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) await site.ask(`/u/${token}`, { method });
  }
  expect(await isMember()).toBe(true);
  const page = await site.ask(`/u/${token}`);
  expect(page.text).toContain('Leave Birds?');
  expect(page.text).toContain('a…a@example.com');
  expect(page.text).not.toContain(anna);
  const answer = await site.post(`/u/${token}`, {});
  expect(answer.text).toContain('You have left Birds');
  expect(answer.text).not.toContain(anna);
  expect(await isMember()).toBe(false);
});

eachStore('a link that has done its work says so', async (store) => {
  const { site, token } = await withMember(store);
  await site.post(`/u/${token}`, {});
  for (const again of [await site.ask(`/u/${token}`), await site.post(`/u/${token}`, {})]) {
    expect(again.status).toBe(200);
    expect(again.text).toContain('You have left already');
  }
  expect((await site.mails()).length).toBe(1);
});

eachStore('leaving works whatever the body', async (store) => {
  const bodies: readonly Asking[] = [
    {},
    { headers: multipart, body: 'broken' },
    { headers: { 'Content-Type': 'text/plain' }, body: oneClick },
  ];
  const { site, token, isMember, rejoin } = await withMember(store);
  for (const how of bodies) {
    expect((await site.ask(`/u/${token}`, { method: 'POST', ...how })).status).toBe(200);
    expect(await isMember()).toBe(false);
    await rejoin();
  }
});

eachStore('a token that is forged, cut off, or meant for an address is not found', async (store) => {
  const { site, token, short, isMember } = await withMember(store);
  const other = token.endsWith('0') ? '1' : '0';
  for (const wrong of [token.slice(0, -1) + other, token.slice(0, -1), short, 'x', 'x'.repeat(3000), '%00']) {
    expect((await site.ask(`/u/${wrong}`)).status).toBe(404);
    const click = await site.ask(`/u/${wrong}`, { method: 'POST', headers: urlencoded, body: oneClick });
    expect(click.status).toBe(404);
  }
  expect(await isMember()).toBe(true);
  expect(site.errors).toEqual([]);
});

eachStore(
  'a body of more than 64 KiB is refused before it is read, with and without its length',
  async (store) => {
    const { site, token, isMember } = await withMember(store);
    const body = `${oneClick}&x=${'x'.repeat(64 * 1024)}`;
    for (const chunked of [false, true]) {
      const answer = await site.ask(`/u/${token}`, { method: 'POST', headers: urlencoded, body, chunked });
      expect(answer.status).toBe(413);
    }
    expect(await isMember()).toBe(true);
  },
);

async function withMember(store: Store) {
  const site: TestSite = await startSite(store);
  const listId = await makeList(site.desk);
  const find = () => store.read((db) => findMembership(db, listId, anna));
  const rejoin = () => site.desk.operate(addMembers, { list: 'birds', members: [{ email: anna }] });
  await rejoin();
  const id = (await find())?.id ?? 0;
  return {
    site,
    rejoin,
    token: signToken(site.desk.keys, 'leave', id, 23),
    short: signToken(site.desk.keys, 'leave', id, 15),
    isMember: async () => (await find()) !== undefined,
  };
}
