import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeKey, type SigningKey, sealMail, signMail, writeMail } from '../support/signed-mail.ts';
import { submit } from '../support/submit.ts';

/**
 * The matrix: how the author is proved × what the author's domain publishes × what the author is to the list × how the list is set up.
 * Real mail, really signed, over a real socket, with a name server of ours.
 */

const policies = ['open', 'spf', 'none', 'quarantine', 'reject'] as const;
const proofs = ['signed', 'named', 'forged', 'altered', 'bare'] as const;
const roles = ['owner', 'moderator', 'member', 'stranger'] as const;

/** a: goes out, h: waits, r: refused; for owner, moderator, member, stranger. */
const outcomes = {
  //                        proved   doubtful disowned
  discussion: /*         */ ['aaah', 'hhhr', 'rrrr'],
  announcement: /*       */ ['aarr', 'rrrr', 'rrrr'],
  private: /*            */ ['aaar', 'hhhr', 'rrrr'],
  newsletter: /*         */ ['aarr', 'rrrr', 'rrrr'],
  'discussion-off': /*   */ ['aaah', 'aaah', 'aaah'],
  'announcement-off': /* */ ['aarr', 'hhrr', 'rrrr'],
} as const;
type Setup = keyof typeof outcomes;
const setups = Object.keys(outcomes) as readonly Setup[];

const keys = new Map(policies.map((policy) => [policy, makeKey(domainOf(policy))]));
const forger = makeKey('forger.example', { kind: 'rsa' });
const zones: Zones = {
  ...Object.assign({}, ...[...keys.values()].map(({ zone }) => zone)),
  ...forger.zone,
  'forger.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
  ...Object.fromEntries(
    policies.map((policy) => [`bounce.${domainOf(policy)}`, { TXT: ['v=spf1 ip4:127.0.0.1 -all'] }]),
  ),
  'spf.example': { TXT: ['v=spf1 ip4:198.51.100.1 -all'] },
  'reject.example': { TXT: ['v=spf1 ip4:198.51.100.1 -all'] },
  '_dmarc.none.example': { TXT: ['v=DMARC1; p=none'] },
  '_dmarc.quarantine.example': { TXT: ['v=DMARC1; p=quarantine'] },
  '_dmarc.reject.example': { TXT: ['v=DMARC1; p=reject'] },
};

const undo: (() => Promise<void> | void)[] = [];
let server: TestServer;

beforeAll(async () => {
  const whenDone = (how: () => Promise<void> | void) => undo.push(how);
  const dns = await startDns(zones, whenDone);
  server = await startTestServer({
    whenDone,
    settings: {
      'checks.spf_dkim_dmarc': 'true',
      'checks.dns_servers': dns.address,
      'limits.posts_per_sender': '0',
      'limits.posts_per_list': '0',
      'limits.connections_per_ip': '0',
    },
  });
  for (const setup of setups) await setUp(setup);
}, 60_000);
afterAll(async () => {
  for (const how of undo.reverse()) await how();
});

async function setUp(setup: Setup): Promise<void> {
  const [preset, off] = setup.split('-');
  const emails = (role: string) => policies.map((policy) => `${role}@${domainOf(policy)}`);
  await server.operate(createList, { address: listOf(setup), owners: emails('owner'), preset });
  const members = [
    ...emails('member').map((email) => ({ email })),
    ...emails('moderator').map((email) => ({ email, role: 'moderator' })),
  ];
  await server.operate(addMembers, { list: listOf(setup), members });
  if (off) await server.operate(setList, { list: listOf(setup), changes: { spoof_protection: 'off' } });
}

describe.each(policies)('whose domain publishes: %s', (policy) => {
  test.each(proofs)(
    'a mail that is %s',
    async (proof) => {
      const found = await Promise.all(
        setups.map(async (setup) => {
          const answers = roles.map((role) => post({ policy, proof, role, setup }));
          return [setup, (await Promise.all(answers)).map(readAnswer).join('')] as const;
        }),
      );
      const column = proof === 'signed' || proof === 'named' ? 0 : policy === 'reject' ? 2 : 1;
      expect(Object.fromEntries(found)).toEqual(
        Object.fromEntries(setups.map((setup) => [setup, outcomes[setup][column]])),
      );
    },
    60_000,
  );
});

interface Case {
  readonly policy: (typeof policies)[number];
  readonly proof: (typeof proofs)[number];
  readonly role: (typeof roles)[number];
  readonly setup: Setup;
}

async function post({ policy, proof, role, setup }: Case): Promise<string> {
  const domain = domainOf(policy);
  const key = keys.get(policy) ?? forger;
  const to = listOf(setup);
  const plain = writeMail({ from: `Somebody <${role}@${domain}>`, to });
  const send = (from: string, raw: Buffer) => submit(server.smtpPort, { from, to: [to], raw });
  switch (proof) {
    case 'signed': // and sent by somebody else's server
      return send('x@elsewhere.example', await signMail(plain, key));
    case 'named': // by SPF, for a subdomain
      return send(`x@bounce.${domain}`, plain);
    case 'forged': // all is well, for another domain
      return send('x@forger.example', await signMail(plain, forger));
    case 'altered': // after it was signed
      return send('x@elsewhere.example', alter(await signMail(plain, key)));
    case 'bare':
      return send(`${role}@${domain}`, plain);
  }
}

/** Whose server is all right writes as somebody else: reject.example has a member whose mail it would like to be. */
describe('a trick with the author', () => {
  const victim = 'member@reject.example';
  const self = 'x@forger.example';
  const from = (field: string, ...headers: readonly string[]) => ({ field, headers });
  const tricks: Readonly<Record<string, { field: string; headers: readonly string[] }>> = {
    'the member in Reply-To': from(self, `Reply-To: ${victim}`),
    'the member in Sender': from(self, `Sender: ${victim}`),
    'the member in Resent-From': from(self, `Resent-From: ${victim}`),
    'the member in X-Original-From': from(self, `X-Original-From: ${victim}`),
    'a second From above': from(self, `From: ${victim}`),
    'a second From below': from(victim, `From: ${self}`),
    'a second From in other letters': from(self, `FROM: ${victim}`),
    'a second From with obsolete white space': from(self, `From : ${victim}`),
    'two mailboxes': from(`${victim}, ${self}`),
    'two mailboxes, the other way round': from(`${self}, ${victim}`),
    'two mailboxes with names': from(`M <${victim}>, F <${self}>`),
    'an address as the name': from(`"${victim}" <${self}>`),
    'an address as the name, unquoted': from(`${victim} <${self}>`),
    'two angle brackets': from(`<${victim}> <${self}>`),
    'an address inside an address': from(`<${victim}<${self}>>`),
    'a quotation mark that is never closed': from(`"M <${victim}> <${self}>`),
    'an escaped quotation mark': from(`"M\\" <${victim}>" <${self}>`),
    'a comment with the member': from(`(<${victim}>) ${self}`),
    'a comment in the local part': from(`member(x)@reject.example`),
    'a comment in the domain': from(`member@(forger.example)reject.example`),
    'a comment behind the domain': from(`member@reject.example(@forger.example)`),
    'a comment that is nested': from(`(a(<${self}>)) ${victim}`),
    'a group': from(`Friends: ${victim};`),
    'a group and a mailbox': from(`Friends: ${victim};, ${self}`),
    'a source route': from(`<@forger.example:${victim}>`),
    'a percent sign for the at': from('member%reject.example@forger.example'),
    'a bang path': from('reject.example!member@forger.example'),
    'a quoted local part': from('"member"@reject.example'),
    'a quoted address as local part': from(`"${victim}"@forger.example`),
    'an encoded word as the local part': from('=?utf-8?q?member?=@reject.example'),
    'an encoded word as the address': from(`=?utf-8?q?member=40reject.example?=`),
    'an encoded word with a bracket': from(`=?utf-8?q?M_<member=40reject.example>?= <${self}>`),
    'an encoded word with a line end': from(`=?utf-8?q?M=0D=0AFrom:_member=40reject.example?= <${self}>`),
    'a folded address': from(`F\r\n <${victim}>`),
    'folding inside the address': from(`<member@\r\n reject.example>`),
    'folding with an empty line': from(`F\r\n \r\n <${victim}>`),
    'a zero byte': from(`${victim}\0@forger.example`),
    'a bare carriage return': from(`${self}\r ${victim}`),
    'a dot behind the domain': from(`${victim}.`),
    'another letter that looks alike': from('member@rejеct.example'),
    'capital letters': from('MEMBER@Reject.Example'),
    'a tag behind a plus': from('member+x@reject.example'),
    'a subdomain': from('member@bounce.reject.example'),
    'results that we did not write': from(
      victim,
      'Authentication-Results: lists.example.org; dmarc=pass header.from=reject.example; dkim=pass header.d=reject.example',
    ),
    'a spam filter’s praise': from(victim, 'X-Spam-Status: No', `X-Authenticated-Sender: ${victim}`),
  };

  test.each(Object.entries(tricks))('%s', async (_, { field, headers }) => {
    const raw = writeMail({ from: field, to: listOf('discussion'), headers });
    await expectKeptOut(await signMail(raw, forger));
  });

  const signed = (to: Setup) =>
    signMail(writeMail({ from: victim, to: listOf(to) }), keyOf('reject'), { bodyLength: 4 });
  test.each<[string, () => Promise<Buffer>]>([
    [
      'words behind the part that was signed',
      async () => Buffer.concat([await signed('discussion'), Buffer.from('Buy this.\r\n')]),
    ],
    [
      'a From above the one that was signed',
      async () => Buffer.concat([Buffer.from(`From: ${self}\r\n`), await genuine()]),
    ],
    [
      'a From above that is the member, below what the forger signed',
      async () =>
        Buffer.concat([
          Buffer.from(`From: ${victim}\r\n`),
          await signMail(writeMail({ from: self, to: listOf('discussion') }), forger),
        ]),
    ],
    [
      'another From than the one that was signed',
      async () =>
        Buffer.from((await genuine()).toString('latin1').replace('From: M <', 'From: "N" <'), 'latin1'),
    ],
    [
      'a seal of somebody whom nobody trusts',
      () =>
        sealMail(writeMail({ from: victim, to: listOf('discussion') }), forger, {
          results: 'mx.forger.example; dmarc=pass header.from=reject.example',
        }),
    ],
  ])('%s', async (_, mail) => {
    await expectKeptOut(await mail());
  });

  test('is not what a genuine mail looks like: that one goes out', async () => {
    expect(
      await submit(server.smtpPort, { from: self, to: [listOf('discussion')], raw: await genuine() }),
    ).toMatch(/^250.*accepted as/);
  });

  const genuine = () =>
    signMail(writeMail({ from: `M <${victim}>`, to: listOf('discussion') }), keyOf('reject'));

  /** Refused, or read by a moderator as what it is: not the member's. With the member as envelope sender, too. */
  async function expectKeptOut(raw: Buffer): Promise<void> {
    for (const sender of [self, victim]) {
      const answer = await submit(server.smtpPort, { from: sender, to: [listOf('discussion')], raw });
      expect(answer).toMatch(/^(5\d\d |250 .*held for a moderator)/);
    }
  }
});

function keyOf(policy: (typeof policies)[number]): SigningKey {
  const key = keys.get(policy);
  if (!key) throw new Error(policy);
  return key;
}

function readAnswer(answer: string): string {
  if (/^250 .*accepted as/.test(answer)) return 'a';
  if (/^250 .*held/.test(answer)) return 'h';
  return /^550 5\.7\.1 /.test(answer) ? 'r' : `[${answer}]`;
}

function alter(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replace('Two eggs.', 'Too eggs.'), 'latin1');
}

function listOf(setup: Setup): string {
  return `${setup}@lists.example.org`;
}

function domainOf(policy: string): string {
  return `${policy}.example`;
}
