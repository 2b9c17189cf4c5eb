import { dkimVerify } from 'mailauth';
import { beforeAll, describe, expect, it } from 'vitest';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { sharedKey, zoneOf } from '../support/dkim-key.ts';
import { sharedTown } from './town.ts';

const joran = 'Jøran Øygårdvær <jøran@example.com>';
const list = 'birds@lists.example.org';
const utf8 = (octets: string) => Buffer.from(octets, 'latin1').toString();

describe('people with addresses in UTF-8, where the next hop takes them', () => {
  const place = sharedTown({ nextHop: { utf8: true } });
  beforeAll(() =>
    place.town.makeList('birds', [place.town.person('dana@example.com')], { hold_first_posts: '0' }),
  );

  it('join by mail', async () => {
    const person = place.town.person(joran);
    await person.writes({ to: 'birds-join@lists.example.org' });
    const question = await person.oneMail('Please confirm: join Birds');
    expect((await person.answers(question, { text: 'yes' })).answer).toBe('250 2.0.0 OK');
    await person.oneMail('You are now on Birds');
    expect(await place.town.membersOf('birds')).toContain('jøran@example.com');
  });

  it('are added by the operator, in whatever form the letters come', async () => {
    await place.town.addTo('birds', [place.town.person('Jo\u0308rg@Bücher.example')]);
    expect(await place.town.membersOf('birds')).toContain('jörg@xn--bcher-kva.example');
  });

  it('post, and are read, archived and found', async () => {
    const writer = place.town.person(joran);
    const reader = place.town.person('dana@example.com');
    await reader.newMail();
    const { answer } = await writer.writes({ to: list, subject: 'Vögel', text: 'Tre egg i kassen' });
    const id = Number(/^250 2\.0\.0 accepted as (\d+)/.exec(answer)?.[1]);
    const copy = await reader.oneMail('Vögel');
    expect(utf8(copy.header('from'))).toBe(joran);
    expect(copy.returnPath).toMatch(/^birds-bounces\+\w+@lists\.example\.org$/);
    expect((await place.town.operate(showPost, { id })).raw.toString()).toContain(`From: ${joran}`);
    const { posts } = await place.town.operate(searchArchive, { query: 'from:jøran', list: 'birds' });
    expect(posts.map((post) => post.id)).toEqual([id]);
    const parameters = place.town.sink.mails
      .filter(({ data }) => data.includes('Tre egg'))
      .map((mail) => mail.parameters);
    expect(parameters.every((text) => text.endsWith('SMTPUTF8'))).toBe(true);
  });

  it('leave by one click, whose address is ASCII', async () => {
    const writer = place.town.person(joran);
    await place.town.person('dana@example.com').writes({ to: list, subject: 'Four', text: 'Four.' });
    const [copy] = (await writer.newMail()).filter(({ subject }) => subject === 'Four');
    expect(copy?.header('list-unsubscribe')).toMatch(/^<https:\/\/[\x21-\x7e]+>, <mailto:[\x21-\x7e]+>$/);
  });
});

describe('where the next hop takes no UTF-8', () => {
  const place = sharedTown({ nextHop: { utf8: false } });
  beforeAll(() =>
    place.town.makeList('birds', [place.town.person(joran), place.town.person('dana@example.com')]),
  );

  it('their posts reach the others under an address that stands for theirs', async () => {
    const reader = place.town.person('dana@example.com');
    await place.town
      .person(joran)
      .writes({ to: list, subject: 'Vögel', text: 'Drei schöne Eier', headers: { 'X-Place': 'Tromsø' } });
    const copy = await reader.oneMail('Vögel');
    expect(copy.data.slice(0, copy.data.indexOf('\r\n\r\n'))).toMatch(/^[\t\x20-\x7e\r\n]*$/);
    expect(copy.header('from')).toMatch(/^=\?utf-8\?.+\?= <birds-from\+\w+@lists\.example\.org>$/);
    expect(copy.header('reply-to')).toBe('');
    expect(copy.header('x-place')).toBe('=?utf-8?Q?Troms=C3=B8?=');
    expect(copy.text).toContain('Drei schöne Eier');
    expect(await ourSignature(copy.data)).toBe('pass');
  });

  it('what is for them fails with a reason, and nothing of it is sent', async () => {
    const person = place.town.person(joran);
    await place.town.person('dana@example.com').writes({ to: list, subject: 'Four', text: 'Four.' });
    expect(await person.newMail()).toEqual([]);
    const replies = await place.town.server.look((db) =>
      db
        .selectFrom('deliveries')
        .select(['recipient', 'state', 'last_reply'])
        .where('recipient', '=', 'jøran@example.com')
        .execute(),
    );
    expect(replies.length).toBeGreaterThan(0);
    for (const { state, last_reply: reply } of replies)
      expect([state, reply]).toEqual(['failed', expect.stringMatching(/^5\.6\.7 .*SMTPUTF8/)]);
  });
});

describe('a next hop without 8BITMIME', () => {
  const place = sharedTown({ nextHop: { eightBitMime: false } });
  beforeAll(() =>
    place.town.makeList('birds', [place.town.person('dana@example.com')], { hold_first_posts: '0' }),
  );

  it('gets 8-bit text in quoted-printable', async () => {
    const reader = place.town.person('dana@example.com');
    await reader.writes({ to: list, subject: 'Eggs', text: 'Drei schöne Eier' });
    const copy = await reader.oneMail('Eggs');
    expect(copy.header('content-transfer-encoding')).toBe('quoted-printable');
    expect(copy.data).toContain('Drei sch=C3=B6ne Eier');
    expect(await ourSignature(copy.data)).toBe('pass');
  });
});

/** What an independent verifier makes of our signature on a copy as it arrived. */
async function ourSignature(data: string): Promise<string | undefined> {
  const zone: Record<string, { TXT: readonly string[] }> = zoneOf(sharedKey());
  const { results } = await dkimVerify(Buffer.from(data, 'latin1'), {
    resolver: async (name: string) => [...(zone[name]?.TXT ?? [])].map((text) => [text]),
  });
  return results.find(({ signingDomain }) => signingDomain === 'lists.example.org')?.status.result;
}
