import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openOperations } from '../../src/open-operations.ts';
import { type CliResult, runCommandLine } from '../support/command-line.ts';
import { startDns } from '../support/dns.ts';
import { testEnvironment } from '../support/server.ts';
import { makeKey, signMail, writeMail } from '../support/signed-mail.ts';
import { sqlite } from '../support/stores.ts';

const key = makeKey('alice.example');
const mail = () =>
  signMail(
    writeMail({
      from: 'Anna <anna@alice.example>',
      to: 'birds@lists.example.org',
      headers: ['Approved: secret'],
    }),
    key,
  );

let run: (...args: readonly string[]) => Promise<CliResult>;
let folder: string;

/** The real program's database, checks and name server of ours; Anna's domain wants forgeries refused. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'listwright-rewrite-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const dns = await startDns({
    ...key.zone,
    '_dmarc.alice.example': { TXT: ['v=DMARC1; p=reject'] },
    '_dmarc.easy.example': { TXT: ['v=DMARC1; p=none'] },
    '_dmarc.silent.example': 'servfail',
  });
  const env = testEnvironment({
    data_dir: folder,
    'database.url': await sqlite.freshDatabase(),
    'delivery.transport': 'capture',
    'checks.spf_dkim_dmarc': 'true',
    'checks.dns_servers': dns.address,
  });
  run = (...args) =>
    runCommandLine(args, {
      env,
      openOperations: (loaded) => openOperations(loaded, { upgrade: false, stdout: new PassThrough() }),
    });
  await run('list', 'create', 'birds', '--owner', 'olga@example.com', '--reply-to', 'author');
});

const write = (raw: Buffer) => {
  const file = join(folder, 'mail.eml');
  writeFileSync(file, raw);
  return file;
};

describe('rewrite explain', () => {
  test('says of a signed post to a list as it comes that its author stays, and what comes and goes', async () => {
    const { status, stdout } = await run('rewrite', 'explain', 'birds', write(await mail()), '--json');
    expect(status).toBe(0);
    const explained = JSON.parse(stdout);
    expect(explained).toMatchObject({
      list: 'birds@lists.example.org',
      from: {
        decision: 'author',
        why: 'the signature of alice.example still holds',
        before: 'Anna <anna@alice.example>',
        after: 'Anna <anna@alice.example>',
      },
      policy: 'reject',
      signatures: [{ domain: 'alice.example', selector: 's1', provesAuthor: true, survives: true }],
    });
    expect(explained.changes).toContainEqual({
      what: 'Approved',
      why: 'a password of list managers',
      before: 'secret',
      after: null,
    });
    expect(explained.changes).toContainEqual({
      what: 'Precedence',
      why: expect.any(String),
      before: null,
      after: 'list',
    });
  });

  test('says why a tag costs the author their From, as a diff, and writes the copy', async () => {
    await run('list', 'set', 'birds', 'subject_tag=[Birds]');
    const out = join(folder, 'out.eml');
    const { stdout, stderr } = await run('rewrite', 'explain', 'birds', write(await mail()), '--out', out);
    for (const line of [
      /^From +another address: alice\.example wants unproved mail refused \(DMARC\), and its signature does not survive$/m,
      /^DKIM +d=alice\.example s=s1: proves the author; does not fit what goes out$/m,
      /^- Subject +Nests$/m,
      /^\+ Subject +\[Birds\] Nests {2}\(the list’s tag\)$/m,
      /^- DKIM-Signature .*\(it no longer fits what it signs\)$/m,
      /^\+ From +Anna via Birds <birds-from\+TOKEN@lists\.example\.org>/m,
    ])
      expect(stdout).toMatch(line);
    expect(stderr).toBe(`What would go out is in ${out}.\n`);
    expect(readFileSync(out, 'latin1')).toMatch(/\r\nSubject: \[Birds\] Nests\r\n/);
    const again = await run('rewrite', 'explain', 'birds', write(await mail()), '--out', out);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining(`${out} exists already`)]);
  });

  test('begins with what matters, reads encoded words, and names what every post gets in a line', async () => {
    await run('list', 'set', 'birds', 'subject_tag=[Birds]', 'anonymous=true');
    const raw = 'From: anna@alice.example\r\nSubject: =?utf-8?Q?N=C3=A6ster?=\r\nX-Mailer: y\r\n\r\nx\r\n';
    const { stdout } = await run('rewrite', 'explain', 'birds', write(Buffer.from(raw)));
    expect(stdout).toMatch(/^From +the list: it is the list’s own address$/m);
    expect(stdout).toMatch(/^- Subject +Næster$/m);
    expect(stdout).toMatch(/^\+ of the list +.*List-Id, /m);
    expect(stdout).toMatch(/^\+ each copy +List-Unsubscribe, /m);
    const changed = [...stdout.matchAll(/^[-+~] (\S+)/gm)].map(([, what]) => what);
    expect(changed.slice(0, 4)).toEqual(['From', 'From', 'Subject', 'Subject']);
  });

  test('tells a record that asks for nothing from none at all', async () => {
    const by = async (domain: string) => {
      const raw = `From: x@${domain}\r\nSubject: s\r\n\r\nx\r\n`;
      const file = write(Buffer.from(raw));
      const { stdout } = await run('rewrite', 'explain', 'birds', file);
      const json = JSON.parse((await run('rewrite', 'explain', 'birds', file, '--json')).stdout);
      return [/^DMARC +(.*)$/m.exec(stdout)?.[1], json.policy, json.policyPublished];
    };
    expect(await by('easy.example')).toEqual([
      'none: a record of the author’s domain asks for nothing (p=none)',
      'none',
      true,
    ]);
    expect(await by('bare.example')).toEqual([
      'none: the author’s domain publishes no record',
      'none',
      false,
    ]);
    expect(await by('silent.example')).toEqual([
      'unknown: nobody could find out what the author’s domain asks for',
      'unknown',
      null,
    ]);
  });

  test('says why there is no signature and no seal', async () => {
    const { stdout } = await run('rewrite', 'explain', 'birds', write(await mail()));
    expect(stdout).toMatch(/^DKIM-Signature +none: there is no key of lists\.example\.org yet/m);
    expect(stdout).toMatch(/^ARC set +none: there is no key/m);
    await run('dkim', 'new');
    const signed = await run('rewrite', 'explain', 'birds', write(await mail()));
    expect(signed.stdout).toMatch(/^\+ DKIM-Signature +d=lists\.example\.org s=lw\d{6}, rsa$/m);
    expect(signed.stdout).toMatch(/^\+ ARC set +d=lists\.example\.org s=lw\d{6}, rsa, i=1 cv=none$/m);
  });

  test('says why a footer is not there', async () => {
    await run('list', 'set', 'birds', 'footer=standard');
    const invitation = Buffer.from(
      'From: anna@alice.example\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n',
    );
    const { stdout } = await run('rewrite', 'explain', 'birds', write(invitation));
    expect(stdout).toMatch(/^footer +none: /m);
  });

  test('says of a mail that nobody takes what its sender would be told', async () => {
    const file = write(Buffer.from('To: x\r\n\r\n'));
    expect(await run('rewrite', 'explain', 'birds', file)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^listwright: The server would not take this mail: 550 5\.6\.0 /),
    });
  });
});
