import { describe, expect, it, onTestFinished } from 'vitest';
import { findField, findFields, readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { makeSigningKey, zoneOf } from '../support/dkim-key.ts';
import { startDns } from '../support/dns.ts';
import { askJudges, whyNoJudges } from '../support/judges.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { startTestServer } from '../support/server.ts';
import { makeKey, sealMail, signMail, writeMail } from '../support/signed-mail.ts';
import { openSink } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

const [birds, request] = ['birds@lists.example.org', 'birds-request@lists.example.org'];
const [ana, dana] = ['ana@proved.example', 'dana@proved.example'];
const authorKey = makeKey('proved.example', { kind: 'rsa' });
const hopKey = makeKey('forwarder.example', { kind: 'rsa' });
const keys = { rsa: makeSigningKey('rsa'), ed25519: makeSigningKey('ed25519') };
const zones = {
  ...authorKey.zone,
  ...hopKey.zone,
  ...zoneOf(keys.rsa),
  ...zoneOf(keys.ed25519),
  'proved.example': { TXT: ['v=spf1 -all'] },
  '_dmarc.proved.example': { TXT: ['v=DMARC1; p=reject'] },
};

/** Ana owns birds, Dana is on it; mail leaves through `smarthost`. */
async function startBirds(smarthost: string, signingKeys: readonly (typeof keys)['rsa'][]) {
  const dns = await startDns(zones);
  const server = await startTestServer({
    smarthost,
    signingKeys,
    settings: {
      'checks.spf_dkim_dmarc': 'true',
      'checks.dns_servers': dns.address,
    },
  });
  await server.operate(createList, { address: birds, owners: [ana] });
  await server.operate(addMembers, {
    list: birds,
    members: [{ email: dana, name: '' }],
    consent: 'they asked',
  });
  return server;
}

/** As Gmail signs: all that matters, the From twice. */
const oversigned = ['from', 'from', 'to', 'subject', 'date', 'message-id', 'reply-to'];

function write(to = birds, subject = 'Nests'): Promise<Buffer> {
  return signMail(writeMail({ from: `Ana <${ana}>`, to, subject }), authorKey, { fields: oversigned });
}

const why = whyNoJudges();

describe.skipIf(why !== '')(`what others say of mail that we signed${why}`, () => {
  const kinds = [
    ['RSA', [keys.rsa], [true]],
    ['Ed25519', [keys.ed25519], [true]],
    ['both', [keys.rsa, keys.ed25519], [true, true]],
  ] as const;
  it.each(kinds)('%s: posts to each and to all, forwards and notices', async (_, signingKeys, ours) => {
    const sink = await openSink();
    const server = await startBirds(sink.url, signingKeys);
    const send = async (to: string, raw: Buffer) =>
      expect(await submit(server.smtpPort, { from: ana, to: [to], raw })).toMatch(/^250/);
    await send(birds, await write());
    await sink.reached(2);
    await server.operate(setList, { list: birds, changes: { personalize: 'never' } });
    await send(birds, await write());
    await sink.reached(4);
    await send('birds-owner@lists.example.org', await write('birds-owner@lists.example.org'));
    await sink.reached(5);
    await send(request, await write(request, 'help'));
    await sink.reached(6);
    const mails = sink.mails.map(({ data }) => data);
    const judged = await askJudges(mails, zones);
    // python3-dkim reads no seal of Ed25519.
    const arc = signingKeys[0].algorithm === 'rsa' ? 'pass' : 'fail';
    const passedOn = { openDkim: true, dkim: [...ours, true], arc };
    expect(judged).toEqual([
      ...new Array(mails.length - 1).fill(passedOn),
      { openDkim: true, dkim: ours, arc: 'none' },
    ]);
    const forged = mails.map((mail) => mail.replace('\r\n\r\n', '\r\n\r\nSend money.\r\n'));
    const bad = (await askJudges(forged, zones)).flatMap(({ openDkim, dkim }) => [openDkim, ...dkim]);
    expect(new Set(bad)).toEqual(new Set([false]));
  });

  it('a chain that somebody began is gone on with, and passes', async () => {
    const sink = await openSink();
    const server = await startBirds(sink.url, [keys.rsa]);
    const raw = await sealMail(await write(), hopKey, {
      results: 'mx.forwarder.example; dmarc=pass header.from=proved.example',
    });
    await submit(server.smtpPort, { from: ana, to: [birds], raw });
    await sink.reached(2);
    const [mail] = sink.mails;
    const [seal] = findFields(readHead(Buffer.from(mail?.data ?? '', 'latin1')), 'arc-seal');
    expect(seal?.value).toContain('cv=pass; d=lists.example.org; i=2;');
    expect(await askJudges([mail?.data ?? ''], zones)).toEqual([
      { openDkim: true, dkim: [true, true], arc: 'pass' },
    ]);
  });

  const program = findPeer('postfix');
  it.skipIf(!program || !mayStartPostfix)('after Postfix has passed it on', async () => {
    const ports = await postfixPorts();
    const server = await startBirds(`smtp://127.0.0.1:${ports.relayPort}`, [keys.rsa, keys.ed25519]);
    const where = { ...ports, lmtpPort: 1, mailboxes: [ana, dana], transports: {}, whenDone: onTestFinished };
    const postfix = await startPostfix(program ?? '', where);
    await submit(server.smtpPort, { from: ana, to: [birds], raw: await write() });
    const [mail = ''] = await postfix.arrived(dana, 1);
    expect(await askJudges([mail.replace(/\r?\n/g, '\r\n')], zones)).toEqual([
      { openDkim: true, dkim: [true, true, true], arc: 'pass' },
    ]);
  });
});

it('a post says what was found out about its author, and its one-click link is signed', async () => {
  const sink = await openSink();
  const server = await startBirds(sink.url, [keys.rsa]);
  await submit(server.smtpPort, { from: ana, to: [birds], raw: await write() });
  await sink.reached(2);
  const head = readHead(Buffer.from(sink.mails[0]?.data ?? '', 'latin1'));
  expect(head.fields.map(({ name }) => name).slice(0, 8)).toEqual([
    'dkim-signature',
    'list-unsubscribe',
    'list-unsubscribe-post',
    'feedback-id',
    'arc-seal',
    'arc-message-signature',
    'arc-authentication-results',
    'authentication-results',
  ]);
  expect(findField(head, 'authentication-results')?.value).toBe(
    'lists.example.org; dmarc=pass header.from=proved.example; dkim=pass header.d=proved.example header.s=s1; spf=fail smtp.mailfrom=proved.example; arc=none',
  );
  expect(findField(head, 'dkim-signature')?.value.replaceAll(' ', '')).toContain(
    'List-Unsubscribe:List-Unsubscribe:List-Unsubscribe-Post:List-Unsubscribe-Post:Feedback-ID;',
  );
  expect(findField(head, 'arc-message-signature')?.value).not.toMatch(
    /unsubscribe|feedback|authentication-results|arc-/i,
  );
});
