import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { startDns, type TestDns, type Zones } from '../support/dns.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeKey, type SigningKey, sealMail, signMail, writeMail } from '../support/signed-mail.ts';
import { submit, submitByLmtp } from '../support/submit.ts';

/** Real mail over a real socket, really signed, with DNS of our own: who gets into a list of members, and what strangers are told. */

const list = 'birds@lists.example.org';
const alice = makeKey('alice.example');
const forger = makeKey('forger.example');
const relay = makeKey('relay.example', { kind: 'rsa' });
const stranger = makeKey('stranger.example', { kind: 'rsa' });
const zones: Zones = {
  ...alice.zone,
  ...forger.zone,
  ...relay.zone,
  ...stranger.zone,
  '_dmarc.alice.example': { TXT: ['v=DMARC1; p=reject'] },
  'alice.example': { TXT: ['v=spf1 ip4:198.51.100.1 -all'] },
  '_dmarc.quarantine.example': { TXT: ['v=DMARC1; p=quarantine'] },
  'spf.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
  '_dmarc.silent.example': 'silent',
  'silent.example': 'silent',
  'forger.example': { TXT: ['v=spf1 ip4:127.0.0.1 -all'] },
};

const undo: (() => Promise<void> | void)[] = [];
let server: TestServer;
let dns: TestDns;

/** One for all: a thread that checks mail is not ready at once. */
beforeAll(async () => {
  const whenDone = (how: () => Promise<void> | void) => undo.push(how);
  dns = await startDns(zones, whenDone);
  server = await startTestServer({
    whenDone,
    settings: {
      'checks.spf_dkim_dmarc': 'true',
      'checks.dns_servers': dns.address,
      'checks.trusted_sealers': 'relay.example',
      'smtp.lmtp': '127.0.0.1:0',
      'smtp.trusted_authserv_ids': 'mx.example.net',
    },
  });
  await server.operate(createList, { address: list, owners: ['owner@example.org'] });
  const emails = [
    'anna@alice.example',
    'quentin@quarantine.example',
    'spike@spf.example',
    'lost@silent.example',
  ];
  await server.operate(addMembers, { list, members: emails.map((email) => ({ email })) });
});
afterAll(async () => {
  for (const how of undo.reverse()) await how();
});

const from = (author: string) => writeMail({ from: author, to: list });

describe('a post over SMTP', () => {
  test('signed by its author’s domain is taken, whoever’s server brings it', async () => {
    const raw = await signMail(from('Anna <anna@alice.example>'), alice);
    const answer = await submit(server.smtpPort, { from: 'x@elsewhere.example', to: [list], raw });
    expect(answer).toMatch(/^250 2\.\d\.0 accepted as \d+/);
  });

  test('from a server that SPF names, with the same domain in From, is taken', async () => {
    const raw = from('spike@spf.example');
    expect(await submit(server.smtpPort, { from: 'spike@spf.example', to: [list], raw })).toMatch(
      /^250.*accepted/,
    );
  });

  test.each<[string, () => Promise<Buffer> | Buffer, RegExp]>([
    [
      'without any proof, of a domain that wants forgeries rejected',
      () => from('anna@alice.example'),
      /^550 5\.7\.1/,
    ],
    ['signed by somebody else', () => signMail(from('anna@alice.example'), forger), /^550 5\.7\.1/],
    [
      'changed after it was signed',
      async () =>
        Buffer.concat([
          await signMail(from('anna@alice.example'), alice),
          Buffer.from('And three more.\r\n'),
        ]),
      /^550 5\.7\.1/,
    ],
    [
      'whose signature leaves the rest of the body open',
      async () => {
        const signed = await signMail(from('anna@alice.example'), alice, { bodyLength: 9 });
        return Buffer.concat([signed, Buffer.from('Buy eggs!\r\n')]);
      },
      /^550 5\.7\.1/,
    ],
    [
      'whose signature has expired',
      () =>
        signMail(from('anna@alice.example'), alice, {
          signedAt: new Date(1e12),
          expires: new Date(1e12 + 1000),
        }),
      /^550 5\.7\.1/,
    ],
    [
      'forged, of a domain that wants forgeries kept apart',
      () => from('quentin@quarantine.example'),
      /^250.*held/,
    ],
    ['with a seal of a server that we do not trust', () => sealed(stranger), /^550 5\.7\.1/],
  ])('%s is not taken', async (_, raw, answer) => {
    const mail = { from: 'forger@forger.example', to: [list], raw: await raw() };
    expect(await submit(server.smtpPort, mail)).toMatch(answer);
  });

  test('with a seal of a forwarder that we trust is taken, and not when the seal is of another text', async () => {
    const raw = await sealed(relay);
    const mail = { from: 'anna@alice.example', to: [list] };
    expect(await submit(server.smtpPort, { ...mail, raw })).toMatch(/^250.*accepted/);
    const other = Buffer.from(
      raw.toString().replace('Two eggs', 'Ten eggs').replace('Message-ID: <', 'Message-ID: <x'),
    );
    expect(await submit(server.smtpPort, { ...mail, raw: other })).toMatch(/^550 5\.7\.1/);
  });

  test('waits at most five seconds for DNS, and its sender is asked to come again', async () => {
    const began = performance.now();
    const raw = from('lost@silent.example');
    const answer = await submit(server.smtpPort, { from: 'lost@silent.example', to: [list], raw });
    expect(answer).toMatch(/^451 4\.4\.3/);
    expect(performance.now() - began).toBeLessThan(5500);
  });
});

function sealed(by: SigningKey): Promise<Buffer> {
  return sealMail(from('anna@alice.example'), by, {
    results: 'mx.relay.example; dmarc=pass header.from=alice.example',
  });
}

describe('behind a mail server in front', () => {
  const said = (results: string, author: string) =>
    writeMail({
      from: author,
      to: list,
      headers: [
        `Authentication-Results: mx.example.net; ${results}`,
        'Received: from elsewhere by mx.example.net; Fri, 20 Nov 2026 10:00:00 +0000',
      ],
    });

  test.each<[string, Buffer, RegExp]>([
    [
      'its word that DMARC passed is believed',
      said('dmarc=pass header.from=alice.example', 'anna@alice.example'),
      /^250.*accepted/,
    ],
    [
      'its word that DMARC failed is believed: the post waits',
      said('dmarc=fail (p=reject) header.from=alice.example', 'anna@alice.example'),
      /^250.*held/,
    ],
    [
      'its word about another author counts for nothing',
      said('dmarc=pass header.from=forger.example', 'anna@alice.example'),
      /^250.*held/,
    ],
  ])('%s', async (_, raw, answer) => {
    const asked = dns.asked.length;
    const [reply] = await submitByLmtp(server.lmtpPort, { from: 'anna@alice.example', to: [list], raw });
    expect(reply).toMatch(answer);
    expect(dns.asked).toHaveLength(asked);
  });

  test('the same field from a stranger is ignored', async () => {
    const raw = said('dmarc=pass header.from=alice.example', 'anna@alice.example');
    expect(await submit(server.smtpPort, { from: 'anna@alice.example', to: [list], raw })).toMatch(
      /^550 5\.7\.1/,
    );
  });

  test('that says nothing, we look ourselves: a signature is proof, its absence is none against the author', async () => {
    const mail = { from: 'anna@alice.example', to: [list] };
    const signed = await signMail(from('anna@alice.example'), alice);
    expect((await submitByLmtp(server.lmtpPort, { ...mail, raw: signed }))[0]).toMatch(/^250.*accepted/);
    const plain = await submitByLmtp(server.lmtpPort, { ...mail, raw: from('anna@alice.example') });
    expect(plain[0]).toMatch(/^250.*held/);
  });
});
