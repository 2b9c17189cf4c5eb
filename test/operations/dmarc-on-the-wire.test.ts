import { describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { CopyForm } from '../../src/rewrite/plain-copy.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { makeSigningKey, zoneOf } from '../support/dkim-key.ts';
import { deliverOne } from '../support/letterbox.ts';
import {
  checksOf,
  copyOnTheWire,
  giveDeskKeys,
  type Judged,
  judgeOnTheWire,
  notChecked,
} from '../support/on-the-wire.ts';
import { makeKey, oversignMail, writeMail } from '../support/signed-mail.ts';
import { sqlite } from '../support/stores.ts';

const list = 'birds@lists.example.org';
const [ofList, ofHouse] = [makeSigningKey('ed25519'), makeSigningKey('ed25519', 'example.org')];
const authors = {
  reject: makeKey('reject.example'),
  quarantine: makeKey('quarantine.example'),
  none: makeKey('none.example'),
};
const house = makeKey('example.org', { selector: 'mx' });
const zones = {
  ...zoneOf(ofList),
  ...zoneOf(ofHouse),
  ...authors.reject.zone,
  ...authors.quarantine.zone,
  ...authors.none.zone,
  ...house.zone,
  '_dmarc.reject.example': { TXT: ['v=DMARC1; p=reject'] },
  '_dmarc.quarantine.example': { TXT: ['v=DMARC1; p=quarantine'] },
  '_dmarc.none.example': { TXT: ['v=DMARC1; p=none'] },
  '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] },
};

async function birds(
  settings: Readonly<Record<string, string | boolean>> = {},
  domains: readonly [string, ...string[]] = ['lists.example.org'],
): Promise<Desk> {
  const desk = createDesk(await sqlite.freshStore(), { senderChecks: 'own', domains });
  await giveDeskKeys(desk, domains.length > 1 ? [ofList, ofHouse] : [ofList]);
  await desk.operate(createList, { address: list, title: 'Birds', owners: ['olga@olga.example'] });
  const members = ['al@reject.example', 'al@quarantine.example', 'al@none.example', 'ceo@example.org'];
  await desk.operate(addMembers, { list, members: members.map((email) => ({ email })) });
  if (Object.keys(settings).length > 0) await desk.operate(setList, { list, changes: settings });
  return desk;
}

interface Way {
  readonly raw: Buffer;
  readonly to?: string;
  readonly form?: CopyForm;
  readonly checked?: boolean;
}

async function sent(desk: Desk, { raw, to = list, form = 'full', checked = true }: Way): Promise<Judged> {
  const checks = checked ? await checksOf(raw, zones, desk) : notChecked;
  expect(
    await deliverOne(desk, { from: '', to, raw, checks, envelopeSender: 'x@elsewhere.example' }),
  ).toMatchObject({ kind: 'accepted' });
  const { id } = await desk.store.read((db) =>
    db
      .selectFrom('mailings')
      .select('id')
      .where('kind', '!=', 'notice')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow(),
  );
  return judgeOnTheWire(await copyOnTheWire(desk, id, { form }), zones);
}

describe('a From of our own organization that nobody has proved', () => {
  const forms = [
    'CEO of things, Inc. <ceo@example.org>',
    '"ceo"@example.org',
    'CEO <ceo@example.org> x',
    'Boss a@b <ceo@example.org>',
    '<@relay:ceo@example.org>',
    'CEO (of (all)) things <ceo@example.org> (x (y))',
    'Bøss <boss@example.org>, <ceo@example.org>',
    'ceo@example.org',
    'Bøss <ceo@example.org>',
  ];
  const ways = ['birds-owner@lists.example.org', 'postmaster@lists.example.org', 'abuse@lists.example.org'];
  test.each(forms.flatMap((from) => ways.map((to) => [from, to] as const)))(
    '%s, to %s, is not made theirs by our signature',
    async (from, to) => {
      const desk = await birds();
      for (const form of ['full', 'ascii-head', 'seven-bit'] as const) {
        const judged = await sent(desk, { raw: writeMail({ from, to }), to, form, checked: false });
        expect([judged.dmarc, judged.domain === 'example.org']).not.toEqual(['pass', true]);
      }
    },
  );

  test('that cannot be read makes way for the address that the mail came to, and the mail is signed', async () => {
    const [from, to] = ['CEO of things, Inc. <ceo@example.org>', 'postmaster@lists.example.org'];
    expect(await sent(await birds(), { raw: writeMail({ from, to }), to })).toEqual({
      dmarc: 'pass',
      domain: 'lists.example.org',
      from: to,
      signedBy: ['lists.example.org'],
    });
  });

  const unproved = () => writeMail({ from: 'CEO <ceo@example.org>', to: list });
  const both = ['lists.example.org', 'example.org'] as const;
  test.each<[string, Readonly<Record<string, string>>, readonly [string, ...string[]], string[], string]>([
    ['under an alias where the domain is signed here', {}, both, ['lists.example.org'], 'lists.example.org'],
    ['unsigned where the list rewrites nobody', { dmarc: 'never' }, both, [], 'example.org'],
    ['unsigned there with no key of the domain, either', { dmarc: 'never' }, [both[0]], [], 'example.org'],
    [
      'inside a mail of the list where it wraps',
      { dmarc: 'wrap' },
      both,
      ['lists.example.org'],
      'lists.example.org',
    ],
  ])(
    'of a post that the list takes all the same goes out %s',
    async (_, settings, domains, signedBy, domain) => {
      const desk = await birds({ spoof_protection: 'off', ...settings }, domains);
      for (const checked of [true, false])
        expect(await sent(desk, { raw: unproved(), checked })).toMatchObject({ signedBy, domain });
    },
  );

  test('stays, and is signed, where its own signature proves it', async () => {
    const raw = oversignMail(unproved(), house);
    const names = ['example.org', 'example.org'];
    const judged = await sent(await birds({}, both), { raw });
    expect(judged).toMatchObject({ dmarc: 'pass', from: 'CEO <ceo@example.org>', signedBy: names });
  });
});
