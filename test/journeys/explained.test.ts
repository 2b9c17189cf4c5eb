import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFields, firstValue, readHead } from '../../src/mail/headers.ts';
import { readTags } from '../../src/mail/tag-list.ts';
import { openOperations } from '../../src/open-operations.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { ExplainedRewrite } from '../../src/operations/posting/explain-rewrite.ts';
import { runCommandLine } from '../support/command-line.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeKey, signMail, writeMail } from '../support/signed-mail.ts';
import { openSink, type Sink, type SunkMail } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

/** `rewrite explain` beside what the server really sends, under each setting of dkim.sign and arc.seal. */

const strict = makeKey('strict.example');
const easy = makeKey('easy.example');
const zones: Zones = {
  ...strict.zone,
  ...easy.zone,
  '_dmarc.strict.example': { TXT: ['v=DMARC1; p=reject'] },
  '_dmarc.easy.example': { TXT: ['v=DMARC1; p=none'] },
  'bare.example': { TXT: ['v=spf1 +all'] },
};
const authors = {
  strict: 'Alice Liddell <alice@strict.example>',
  easy: 'Eve <eve@easy.example>',
  bare: 'Ben <ben@bare.example>',
};
const lists = {
  plain: {},
  tagged: { subject_tag: '[Tagged]', reply_to: 'list' },
  anonymous: { anonymous: 'true' },
  footed: { footer: 'standard' },
  shared: { personalize: 'never' },
};

const settings: readonly (readonly [signs: boolean, seals: boolean])[] = [
  [true, true],
  [false, true],
  [true, false],
];

describe.each(settings)('with dkim.sign = %s and arc.seal = %s', (signs, seals) => {
  const undo: (() => Promise<void> | void)[] = [];
  let server: TestServer;
  let sink: Sink;
  let folder: string;

  beforeAll(async () => {
    const whenDone = (how: () => Promise<void> | void) => undo.push(how);
    folder = mkdtempSync(join(tmpdir(), 'listwright-explained-'));
    whenDone(() => rmSync(folder, { recursive: true }));
    const dns = await startDns(zones, whenDone);
    sink = await openSink({ whenDone, eightBitMime: true });
    server = await startTestServer({
      whenDone,
      smarthost: sink.url,
      settings: {
        'checks.spf_dkim_dmarc': 'true',
        'checks.dns_servers': dns.address,
        'dkim.sign': String(signs),
        'arc.seal': String(seals),
      },
    });
    for (const [name, changes] of Object.entries(lists)) {
      const list = `${name}@lists.example.org`;
      await server.operate(createList, { address: list, owners: ['olga@example.org'] });
      const emails = ['alice@strict.example', 'eve@easy.example', 'ben@bare.example', 'bob@bob.example'];
      await server.operate(addMembers, { list, members: emails.map((email) => ({ email })) });
      await server.operate(setList, { list, changes: { ...changes, spoof_protection: 'off' } });
    }
    await sink.received(sink.mails.length);
  });
  afterAll(async () => {
    for (const how of undo.reverse()) await how();
  });

  async function explain(list: string, raw: Buffer): Promise<{ said: ExplainedRewrite; out: Buffer }> {
    const [file, out] = [join(folder, `${Math.random()}.eml`), join(folder, `${Math.random()}.out`)];
    writeFileSync(file, raw);
    const args = ['rewrite', 'explain', list, file, '--out', out, '--json'];
    const { stdout, stderr } = await runCommandLine(args, {
      env: server.env,
      openOperations: (loaded) => openOperations(loaded, { upgrade: false, stdout: new PassThrough() }),
    });
    if (stdout === '') throw new Error(stderr);
    return { said: JSON.parse(stdout), out: readFileSync(out) };
  }

  async function copyOf(list: string, raw: Buffer): Promise<SunkMail> {
    const before = sink.mails.length;
    const answer = await submit(server.smtpPort, { from: 'x@relay.example', to: [list], raw });
    expect(answer).toMatch(/^250 2\.0\.0 accepted/);
    for (let count = before + 1; ; count++) {
      await sink.received(count);
      const found = sink.mails.slice(before).find(({ to }) => to.includes('bob@bob.example'));
      if (found) return found;
    }
  }

  const calendar = 'BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR';
  const kinds: readonly [string, keyof typeof lists, keyof typeof authors, string?, string?][] = [
    ['a plain author at p=reject', 'plain', 'strict'],
    ['an author at p=reject whose signature the tag breaks', 'tagged', 'strict'],
    ['an author at p=none, signed', 'plain', 'easy'],
    ['an author whose domain publishes nothing', 'tagged', 'bare'],
    ['an anonymous list', 'anonymous', 'strict'],
    ['a list of shared copies', 'shared', 'easy'],
    ['a list with a footer', 'footed', 'easy'],
    [
      'an invitation to a list with a footer',
      'footed',
      'strict',
      'text/calendar; method=REQUEST; charset=utf-8',
      calendar,
    ],
  ];
  test.each(kinds)('%s: explained as it is sent', async (_, name, who, type, text = 'Two eggs.') => {
    const list = `${name}@lists.example.org`;
    const written = writeMail({
      from: authors[who],
      to: list,
      text,
      headers: type === undefined ? [] : [`Content-Type: ${type}`],
    });
    const raw = who === 'bare' ? written : await signMail(written, who === 'strict' ? strict : easy);
    const { said, out } = await explain(list, raw);
    const copy = Buffer.from((await copyOf(list, raw)).data, 'latin1');
    const [sent, told] = [readHead(copy), readHead(out)];
    expect(copy.subarray(sent.bodyStart).equals(out.subarray(told.bodyStart))).toBe(true);
    const asExplained = (value: string) => value.replace(/-from\+[0-9a-z]{15}@/g, '-from+TOKEN@');
    for (const field of ['from', 'reply-to', 'subject', 'x-original-from', 'content-type', 'list-id'])
      expect([field, asExplained(firstValue(sent, field))]).toEqual([field, firstValue(told, field)]);
    expect(said.from.after).toBe(asExplained(firstValue(sent, 'from')));
    const ours = (field: string) =>
      findFields(sent, field)
        .map(({ value }) => readTags(value))
        .filter((tags) => tags?.get('d') === 'lists.example.org')
        .map((tags) => tags?.get('s'));
    expect(said.signedBy.map(({ selector }) => selector)).toEqual(ours('dkim-signature'));
    expect(said.signedBy.length === 0).toBe(said.unsigned !== null);
    expect(said.signedBy.length > 0).toBe(signs);
    expect(said.sealedBy === null ? [] : [said.sealedBy.selector]).toEqual(ours('arc-seal'));
    expect(said.sealedBy?.cv).toBe(readTags(firstValue(sent, 'arc-seal'))?.get('cv'));
    expect(said.sealedBy === null).toBe(said.unsealed !== null);
    expect(said.sealedBy !== null).toBe(seals && name !== 'anonymous');
    expect(said.tellsResults).toBe(findFields(sent, 'authentication-results').length > 0);
    expect(said.shared).toBe(findFields(sent, 'list-unsubscribe-post').length === 0);
    expect(said.shared).toBe(name === 'shared');
    expect(findFields(told, 'list-unsubscribe')).toHaveLength(said.shared ? 1 : 0);
    const personal = ['list-unsubscribe', 'list-unsubscribe-post', 'feedback-id'];
    const laterOn = [...personal, 'authentication-results', 'arc-seal', 'arc-message-signature'];
    laterOn.push('arc-authentication-results', 'dkim-signature');
    const names = (head: typeof sent) =>
      head.fields.map((field) => field.name).filter((field) => !laterOn.includes(field));
    expect(names(sent)).toEqual(names(told));
  });
});
