import { describe, expect, test } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { fieldsToCome } from '../../src/rewrite/fields-to-come.ts';
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
import { makeKey, oversigned, oversignMail, writeMail } from '../support/signed-mail.ts';
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
  // Whoever signs nothing is known by this.
  'reject.example': { TXT: ['v=spf1 ip4:192.0.2.7 -all'] },
  'quarantine.example': { TXT: ['v=spf1 ip4:192.0.2.7 -all'] },
  'none.example': { TXT: ['v=spf1 ip4:192.0.2.7 -all'] },
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

async function sent(desk: Desk, { form = 'full', ...way }: Way): Promise<Judged> {
  return judgeOnTheWire(await copyOnTheWire(desk, await accepted(desk, way), { form }), zones);
}

/** The mailing that a mail became. */
async function accepted(desk: Desk, { raw, to = list, checked = true }: Omit<Way, 'form'>): Promise<number> {
  const checks = checked ? await checksOf(raw, zones, desk) : notChecked;
  const { kind } = await deliverOne(desk, { from: '', to, raw, checks });
  expect(kind).toBe(to === list ? 'accepted' : 'passed-on');
  const rows = await desk.store.read((db) =>
    db.selectFrom('mailings').select('id').where('kind', '!=', 'notice').orderBy('id').execute(),
  );
  return rows.at(-1)?.id ?? 0;
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

/** The mails of an author, and the forms in which their bytes stay as they were signed. */
const forms = ['full', 'ascii-head', 'seven-bit'] as const;
const mails = {
  ASCII: { how: {}, intact: [...forms] },
  'an 8-bit text': { how: { text: 'Drei schöne Eier.' }, intact: ['full', 'ascii-head'] },
  'a raw UTF-8 subject': { how: { subject: 'Vögel' }, intact: ['full'] },
} as const;

/** h=, and whether what we put on top leaves it alone: on a post, on a forward. */
const signatures = {
  'what Gmail signs': { h: oversigned, post: true, forward: true },
  'From and Subject': { h: 'from:subject', post: true, forward: true },
  'a one-click link as absent': {
    h: `${oversigned}:list-unsubscribe:list-unsubscribe-post`,
    post: false,
    forward: true,
  },
  'the feedback id as absent': { h: `${oversigned}:feedback-id`, post: false, forward: true },
  'results as absent': { h: `${oversigned}:authentication-results`, post: false, forward: false },
  'a seal as absent': { h: `${oversigned}:arc-seal`, post: false, forward: false },
  'another signature as absent': { h: `${oversigned}:dkim-signature`, post: false, forward: false },
  nothing: { h: undefined, post: false, forward: false },
} as const;

const table = Object.entries(signatures).flatMap(([name, { h, ...holds }]) =>
  Object.entries(mails).map(([mail, { how, intact }]) => ({ name, mail, h, how, intact, holds })),
);

describe('a receiver’s DMARC, of an author whose signature covers', () => {
  const mime = [
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  const ways = [
    { kind: 'post', to: list },
    { kind: 'forward', to: 'birds-owner@lists.example.org' },
  ] as const;
  const cases = ways.flatMap((way) =>
    (['reject', 'quarantine', 'none'] as const).map((policy) => ({ ...way, policy })),
  );

  test.each(table)('$name; $mail', async ({ h, how, intact, holds }) => {
    const desk = await birds();
    for (const { kind, to, policy } of cases) {
      const plain = writeMail({ from: `Al <al@${policy}.example>`, to, headers: mime, ...how });
      const raw = h === undefined ? plain : oversignMail(plain, authors[policy], h);
      const id = await accepted(desk, { raw, to });
      for (const form of forms) {
        const holdsStill = holds[kind] && intact.some((one) => one === form);
        const kept = holdsStill || policy === 'none';
        const { dmarc, domain, signedBy } = await judgeOnTheWire(
          await copyOnTheWire(desk, id, { form }),
          zones,
        );
        expect({ kind, policy, form, dmarc, domain, signedBy }).toEqual({
          kind,
          policy,
          form,
          dmarc: kept && !holdsStill ? 'fail' : 'pass',
          domain: kept ? `${policy}.example` : 'lists.example.org',
          signedBy: ['lists.example.org', ...(holdsStill ? [`${policy}.example`] : [])],
        });
      }
    }
  });
});

test.each([
  ['post', list],
  ['forward', 'birds-owner@lists.example.org'],
] as const)('the rewriting of a %s knows what goes on top of it', async (kind, to) => {
  const desk = await birds();
  const raw = oversignMail(writeMail({ from: 'Al <al@reject.example>', to }), authors.reject);
  const { fields } = readHead(await copyOnTheWire(desk, await accepted(desk, { raw, to })));
  const names = fields.map(({ name }) => name);
  const onTop = names.slice(0, names.indexOf(kind === 'post' ? 'list-id' : 'x-beenthere'));
  expect(onTop.toSorted()).toEqual(fieldsToCome[kind].toSorted());
});
