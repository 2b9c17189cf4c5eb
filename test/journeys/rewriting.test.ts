import { dkimVerify } from 'mailauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findField, readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeKey, oversignMail, signMail, writeMail } from '../support/signed-mail.ts';
import { openSink, type Sink, type SunkMail } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

/** Signed mail over a real socket, through the worker, to the next hop: whose From the members see, and whether it can be proved there. */

const gmail = makeKey('gmail.com', { kind: 'rsa' });
const strict = makeKey('strict.example', { kind: 'rsa' });
const bobs = makeKey('bob.example');
const zones: Zones = {
  ...gmail.zone,
  ...strict.zone,
  ...bobs.zone,
  '_dmarc.gmail.com': { TXT: ['v=DMARC1; p=none; sp=quarantine'] },
  '_dmarc.strict.example': { TXT: ['v=DMARC1; p=reject'] },
};
const [anna, alice, bob] = [
  'Anna <anna@gmail.com>',
  'Alice Liddell <alice@strict.example>',
  'Bob <bob@bob.example>',
];
const plainList = 'plain@lists.example.org';
const tagged = 'tagged@lists.example.org';

const undo: (() => Promise<void> | void)[] = [];
let server: TestServer;
let sink: Sink;

/** One server for all: a thread that checks mail is not ready at once. */
beforeAll(async () => {
  const whenDone = (how: () => Promise<void> | void) => undo.push(how);
  const dns = await startDns(zones, whenDone);
  sink = await openSink({ whenDone, eightBitMime: true });
  server = await startTestServer({
    whenDone,
    smarthost: sink.url,
    settings: { 'checks.spf_dkim_dmarc': 'true', 'checks.dns_servers': dns.address },
  });
  for (const list of [plainList, tagged]) {
    await server.operate(createList, { address: list, owners: ['olga@example.org'] });
    const members = ['anna@gmail.com', 'alice@strict.example', 'bob@bob.example'];
    await server.operate(addMembers, { list, members: members.map((email) => ({ email })) });
  }
  await server.operate(setList, { list: tagged, changes: { subject_tag: '[Tagged %d]' } });
  await sink.received(sink.mails.length);
});
afterAll(async () => {
  for (const how of undo.reverse()) await how();
});

/** Posts, and gives the copy that a reader got. */
async function copyOf(list: string, raw: Buffer, reader: string): Promise<SunkMail> {
  const before = sink.mails.length;
  expect(await submit(server.smtpPort, { from: 'x@relay.example', to: [list], raw })).toMatch(/^250/);
  return arrived(reader, before);
}

async function arrived(reader: string, before: number): Promise<SunkMail> {
  for (let count = before + 1; ; count++) {
    await sink.received(count);
    const found = sink.mails.slice(before).find(({ to }) => to.includes(reader));
    if (found) return found;
  }
}

const header = ({ data }: SunkMail, name: string) =>
  findField(readHead(Buffer.from(data, 'latin1')), name)?.value;

/** Not by our own verifier: domains whose signature holds on what a reader got. */
async function provedBy({ data }: SunkMail): Promise<string[]> {
  const resolver = async (name: string, type: string) => {
    const found = (zones[name] as Record<string, string[]> | undefined)?.[type];
    if (!found) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return found.map((text) => [text]);
  };
  const { results } = await dkimVerify(Buffer.from(data, 'latin1'), { resolver });
  return results.flatMap(({ status, signingDomain }) => (status.result === 'pass' ? [signingDomain] : []));
}

describe('an oversigned post of an author at Gmail', () => {
  test('through a list as it comes is still proved, and its From untouched', async () => {
    const raw = oversignMail(writeMail({ from: anna, to: plainList }), gmail);
    const copy = await copyOf(plainList, raw, 'bob@bob.example');
    expect(header(copy, 'from')).toBe(anna);
    expect(header(copy, 'reply-to')).toBeUndefined();
    expect(header(copy, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(await provedBy(copy)).toContain('gmail.com');
    expect(header(copy, 'dkim-signature')?.replaceAll(' ', '')).toMatch(
      /d=lists\.example\.org;.*h=[^;]*:List-Unsubscribe:.*:List-Unsubscribe-Post[:;]/,
    );
  });

  test('through a list with a tag gets an alias, although its domain asks for nothing', async () => {
    const raw = oversignMail(writeMail({ from: anna, to: tagged, subject: 'AW: Nests' }), gmail);
    const copy = await copyOf(tagged, raw, 'bob@bob.example');
    expect(header(copy, 'subject')).toMatch(/^Re: \[Tagged \d+\] Nests$/);
    expect(header(copy, 'from')).toMatch(/^Anna via Tagged <tagged-from\+/);
    expect(copy.data).not.toMatch(/^DKIM-Signature:[^;]*;[^;]*;[^;]*; d=gmail\.com/m);
  });

  test('that answers with the tag of before keeps its signature, where the tag has no number', async () => {
    await server.operate(setList, { list: tagged, changes: { subject_tag: '[Tagged]' } });
    const raw = oversignMail(writeMail({ from: anna, to: tagged, subject: 'Re: [Tagged] Nests' }), gmail);
    const copy = await copyOf(tagged, raw, 'bob@bob.example');
    expect(header(copy, 'from')).toBe(anna);
    expect(await provedBy(copy)).toContain('gmail.com');
  });
});

describe('a post of an author whose domain wants it refused without proof', () => {
  test('keeps its From where the signature covers nothing that we change', async () => {
    const raw = await signMail(writeMail({ from: alice, to: plainList }), strict);
    const copy = await copyOf(plainList, raw, 'bob@bob.example');
    expect(header(copy, 'from')).toBe(alice);
    expect(await provedBy(copy)).toContain('strict.example');
  });

  test('goes out under an alias; a member writes to it, and the author has the letter', async () => {
    await server.operate(setList, { list: tagged, changes: { subject_tag: '[Tagged]', footer: 'standard' } });
    const raw = await signMail(writeMail({ from: alice, to: tagged }), strict);
    const copy = await copyOf(tagged, raw, 'bob@bob.example');
    expect(header(copy, 'subject')).toBe('[Tagged] Nests');
    expect(header(copy, 'reply-to')).toBe(alice);
    expect(header(copy, 'x-original-from')).toBe(alice);
    expect(copy.data).toContain('\r\n-- \r\nTagged, a mailing list');
    const alias = /^Alice Liddell via Tagged <(tagged-from\+[0-9a-z]{15}@lists\.example\.org)>$/.exec(
      header(copy, 'from') ?? '',
    )?.[1];
    expect(alias).toBeDefined();
    const letter = await signMail(writeMail({ from: bob, to: alias ?? '', subject: 'Yours' }), bobs);
    const before = sink.mails.length;
    const way = { from: 'bob@bob.example', to: [alias ?? ''] };
    expect(await submit(server.smtpPort, { ...way, raw: letter })).toMatch(/^250/);
    const passedOn = await arrived('alice@strict.example', before);
    expect(passedOn.from).toMatch(/^tagged-bounces\+[0-9a-z]{15}@lists\.example\.org$/);
    expect(header(passedOn, 'from')).toBe(bob);
    expect(await provedBy(passedOn)).toContain('bob.example');
    const forged = writeMail({ from: bob, to: alias ?? '' });
    const answer = await submit(server.smtpPort, { ...way, raw: forged });
    expect(answer).toBe(
      '550 5.7.1 Only members of tagged@lists.example.org can write to one of its authors, with mail that proves who sent it. To join, write to tagged-join@lists.example.org',
    );
  });
});
