import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openOperations } from '../../src/open-operations.ts';
import { type CliResult, runCommandLine } from '../support/command-line.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { testEnvironment } from '../support/server.ts';
import { makeKey, signMail, type Writing, writeMail } from '../support/signed-mail.ts';
import { sqlite } from '../support/stores.ts';

const key = makeKey('alice.example');
const zones: Zones = {
  ...key.zone,
  '_dmarc.alice.example': { TXT: ['v=DMARC1; p=reject'] },
  'alice.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  'stranger.example': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
  'silent.example': 'silent',
  '_dmarc.silent.example': 'silent',
};
const list = 'birds@lists.example.org';
const anna: Writing = { from: 'Anna <anna@alice.example>', to: list };

let run: (...args: readonly string[]) => Promise<CliResult>;
let file: string;
/** Of the environment. */
let otherwise: Readonly<Record<string, string>>;

/** The real program's database, checks and name server of ours, with the list `birds` of Olga and its member Anna. */
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-policy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  file = join(folder, 'mail.eml');
  otherwise = {};
  const dns = await startDns(zones);
  const env = {
    ...testEnvironment({
      data_dir: folder,
      'database.url': await sqlite.freshDatabase(),
      'delivery.transport': 'capture',
      'checks.spf_dkim_dmarc': 'true',
      'checks.dns_servers': dns.address,
    }),
  };
  run = (...args) =>
    runCommandLine(args, {
      env: { ...env, ...otherwise },
      openOperations: (loaded) => openOperations(loaded, { upgrade: false, stdout: new PassThrough() }),
    });
  await run('list', 'create', list, '--owner', 'olga@example.com');
  await run('member', 'add', 'birds', 'anna@alice.example');
});

async function explain(raw: Buffer, ...options: readonly string[]) {
  writeFileSync(file, raw);
  const { status, stdout, stderr } = await run('policy', 'explain', 'birds', file, '--json', ...options);
  return { status, stderr, post: JSON.parse(stdout) };
}

function findings(post: { rules: { rule: string; verdict?: string; ignored?: string }[] }) {
  return post.rules.flatMap(({ rule, verdict, ignored }) =>
    verdict ? [`${rule} ${verdict}${ignored ? ` ${ignored}` : ''}`] : [],
  );
}

describe('policy explain', () => {
  test('says what a closed list answers, whatever its rules would', async () => {
    await run('list', 'close', 'birds');
    const { post } = await explain(await signMail(writeMail(anna), key));
    expect(post).toMatchObject({ verdict: 'reject', reply: expect.stringMatching(/^550 5\.7\.1 .*closed/) });
  });

  test('takes <> for the null sender, as SMTP writes it', async () => {
    const { post } = await explain(await signMail(writeMail(anna), key), '--from', '<>');
    expect(post.verdict).toBe('divert');
  });

  test('says that a signed mail of a member would go out, and asks SPF only where it is told who sent it', async () => {
    const raw = await signMail(writeMail(anna), key);
    const { status, stderr, post } = await explain(raw);
    expect(status).toBe(0);
    expect(stderr).toBe('Without --ip, SPF was not asked.\n');
    expect(post).toMatchObject({
      list,
      verdict: 'accept',
      author: 'anna@alice.example',
      identity: { class: 'verified' },
      member: { role: 'member', posting: 'default', believed: false },
    });
    expect(post.rules).toHaveLength(20);
    expect(findings(post)).toEqual([]);
    expect(await explain(raw, '--ip', '203.0.113.9')).toMatchObject({
      stderr: '',
      post: { verdict: 'accept' },
    });
  });

  test.each([
    ['unsigned, its sender untold', [], 'hold', 'unverified', ['identity hold']],
    ['unsigned, from the server of its domain', ['--ip', '192.0.2.1'], 'accept', 'verified', []],
    ['unsigned, from another server', ['--ip', '203.0.113.9'], 'reject', 'failed', ['identity reject']],
    [
      'from the null sender',
      ['--from', ''],
      'divert',
      'unverified',
      ['bounce divert', 'identity hold decided-before'],
    ],
  ])('of a member, %s', async (_, options, verdict, known, found) => {
    const { post } = await explain(writeMail(anna), ...options);
    expect(post).toMatchObject({ verdict, identity: { class: known } });
    expect(findings(post)).toEqual(found);
  });

  test('names every reason, and what the sender would read', async () => {
    const mail = writeMail({ from: 'eve@stranger.example', to: 'bo@example.org', subject: 'Nests' });
    const { post } = await explain(mail, '--ip', '203.0.113.9');
    expect(findings(post)).toEqual(['identity reject', 'not-a-member reject', 'not-addressed hold']);
    expect(post.reply).toMatch(
      /^550 5\.7\.1 Not posted to birds@.* To join, write to birds-join@lists\.example\.org$/,
    );
    expect(post.member).toBeNull();
  });

  test('shows what an “allow” answers', async () => {
    await run('sender', 'allow', 'birds', 'eve@stranger.example');
    const { post } = await explain(
      writeMail({ from: 'eve@stranger.example', to: list }),
      '--ip',
      '192.0.2.1',
    );
    expect(post).toMatchObject({
      verdict: 'accept',
      senderRule: { pattern: 'eve@stranger.example', action: 'allow', list },
    });
    expect(findings(post)).toEqual(['sender-rule accept', 'not-a-member hold allowed']);
  });

  test('goes on where DNS does not answer, and says so', async () => {
    const { status, stderr, post } = await explain(writeMail({ from: 'x@silent.example', to: list }));
    expect(status).toBe(0);
    expect(stderr).toContain('DNS did not answer');
    expect(post).toMatchObject({ verdict: 'defer', identity: { temporary: true } });
    expect(post.reply).toMatch(/^451 4\.4\.3 /);
  }, 20_000);

  test('takes files with the line ends of any system, and cut out of an mbox', async () => {
    const raw = await signMail(writeMail(anna), key);
    const lines = raw.toString('latin1').replaceAll('\r\n', '\n');
    for (const text of [lines, `From anna@alice.example Fri Nov 20 10:00:00 2026\n${lines}`]) {
      const { post } = await explain(Buffer.from(text, 'latin1'));
      expect(post).toMatchObject({ verdict: 'accept', identity: { class: 'verified' } });
    }
  });

  test('refuses what is no IP address, and names a folder that is no file', async () => {
    writeFileSync(file, writeMail(anna));
    expect(await run('policy', 'explain', 'birds', file, '--ip', '300.1.1.1')).toMatchObject({
      status: 1,
      stderr: 'listwright: “300.1.1.1” is no IP address.\n',
    });
    const folder = dirname(file);
    expect(await run('policy', 'explain', 'birds', folder)).toMatchObject({
      status: 1,
      stderr: `listwright: ${folder}: this is a folder, not a file.\n`,
    });
  });

  test('says what a mail of no form would be answered', async () => {
    const raw = Buffer.concat([Buffer.from('From: eve@stranger.example\r\n'), writeMail(anna)]);
    const { post } = await explain(raw);
    expect(post).toMatchObject({
      list,
      verdict: 'reject',
      reply: expect.stringMatching(/^550 5\.6\.0 /),
      identity: null,
      rules: [],
    });
    expect((await run('policy', 'explain', 'birds', file)).stdout).toMatch(
      /^verdict +reject\nreply +550 5\.6\.0 [^\n]+\n$/,
    );
  });

  describe('where nobody checks who sent a mail', () => {
    const nobody =
      'Nobody checks here who sent a mail (checks.spf_dkim_dmarc is false and smtp.trusted_authserv_ids is empty)';
    beforeEach(() => {
      otherwise = { LISTWRIGHT_CHECKS__SPF_DKIM_DMARC: 'false' };
    });

    test('it says so, and that a member’s From is believed; of SPF nothing', async () => {
      const { stderr, post } = await explain(writeMail(anna));
      expect(stderr).toBe(
        `${nobody}: spoof_protection, standard on this list, asks for nothing, and whoever writes a member’s address into From is believed.\n`,
      );
      expect(post).toMatchObject({
        verdict: 'accept',
        senderChecks: 'none',
        spoofProtection: { setting: 'standard', inForce: 'off' },
      });
      expect((await run('policy', 'explain', 'birds', file)).stdout).toMatch(
        /^proved +not checked: this server does not check senders\nspoof_protection +standard, in force here: off$/m,
      );
    });

    test('it says that where only owners post, theirs wait for an answer by mail', async () => {
      await run('list', 'set', 'birds', 'post=owners', 'spoof_protection=strict');
      const { stderr, post } = await explain(writeMail({ from: 'olga@example.com', to: list }));
      expect(stderr).toBe(
        `${nobody}, and where only owners post each post wants proof all the same (spoof_protection): theirs wait until they answer a question by mail.\n`,
      );
      expect(post).toMatchObject({
        verdict: 'hold',
        spoofProtection: { setting: 'strict', inForce: 'standard' },
      });
    });
  });

  test('a server in front is asked for no SPF, and said to be silent', async () => {
    otherwise = {
      LISTWRIGHT_CHECKS__SPF_DKIM_DMARC: 'false',
      LISTWRIGHT_SMTP__TRUSTED_AUTHSERV_IDS: 'mx.example.net',
    };
    const { stderr, post } = await explain(writeMail(anna));
    expect([stderr, post.senderChecks, post.identity.why]).toEqual([
      '',
      'front',
      'the mail server in front does not say who sent it',
    ]);
  });

  test.each([
    ['a member’s waits', 'anna@alice.example', 'hold'],
    ['anybody else’s is dropped', 'eve@stranger.example', 'discard'],
  ])('behind a server in front, which has taken it, nothing is refused: %s', async (_, from, verdict) => {
    otherwise = {
      LISTWRIGHT_CHECKS__SPF_DKIM_DMARC: 'false',
      LISTWRIGHT_SMTP__TRUSTED_AUTHSERV_IDS: 'mx.example.net',
    };
    await run('header', 'reject', 'birds', 'Subject', 'casino');
    const raw = writeMail({ from, to: list, subject: 'Casino' });
    const { stderr, post } = await explain(raw);
    expect(post).toMatchObject({ verdict, reply: null });
    expect(post.rules).toContainEqual(
      expect.objectContaining({ rule: 'header-rule', verdict: 'reject', ignored: null }),
    );
    expect(stderr).toBe(
      'The mail server in front has taken it already: what a rule refuses waits, if it is a member’s, and else is dropped.\n',
    );
    const malformed = await explain(Buffer.concat([Buffer.from(`From: ${from}\r\n`), raw]));
    expect(malformed.post).toMatchObject({ verdict: 'discard', reply: null, identity: null });
    expect(malformed.stderr).toMatch(/so it is dropped; there it could be told: 550 5\.6\.0 /);
  });

  test('reads well on a terminal, and posts nothing', async () => {
    writeFileSync(file, await signMail(writeMail(anna), key));
    const { stdout } = await run('policy', 'explain', 'birds', file);
    expect(stdout).toMatch(/^verdict +accept$/m);
    expect(stdout).toMatch(/^proved +verified: it is signed by alice\.example \(DKIM\)$/m);
    const labels = stdout.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
    expect(labels).toEqual([...new Set(labels)]);
    expect(stdout).toMatch(/^too-large +–$/m);
    expect(JSON.parse((await run('stats', '--json')).stdout)).toMatchObject({ posts: 0, held: 0 });
  });
});
