import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk } from '../support/desk.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

type Run = (line: string, stdin?: string) => Promise<CliResult>;

/** A command line on a site of its own, with the list `birds` of Olga. */
async function site(engine: TestEngine): Promise<Run> {
  const desk = createDesk(await engine.freshStore());
  const openOperations = opening(desk);
  const run: Run = (line, stdin = '') => runCommandLine(line.split(' '), { openOperations, stdin });
  await run('list create birds --owner olga@example.com');
  return run;
}

async function emails(run: Run): Promise<string[]> {
  const rows: { email: string }[] = JSON.parse((await run('member ls birds --json')).stdout);
  return rows.map(({ email }) => email).toSorted();
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listwright-members-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

onEachEngine((engine) => {
  describe('member', () => {
    test('add, ls, set, show and remove are one story', async () => {
      const run = await site(engine);
      expect(
        await run('member add birds alice@example.com --name Alice --mode digest --role moderator'),
      ).toEqual({
        status: 0,
        stdout: 'Added alice@example.com.\n',
        stderr: '',
      });
      expect((await run('member ls birds')).stdout).toMatch(
        /alice@example\.com +Alice +moderator +digest-mime +active +2026-11-21/,
      );
      expect((await run('member set birds alice@example.com mode=nomail state=paused')).stdout).toBe(
        'Changed mode, state of alice@example.com.\n',
      );
      expect((await run('member show birds alice@example.com')).stdout).toMatch(
        /^mode +none\nstate +paused\n(.*\n)*consent +2026-11-21T12:00:00.000Z, added by operator$/m,
      );
      expect((await run('member remove birds alice@example.com')).stdout).toBe(
        'Removed alice@example.com.\n',
      );
      expect(await emails(run)).toEqual(['olga@example.com']);
    });

    test('ls has, as JSON, the keys that scripts rely on', async () => {
      const run = await site(engine);
      expect(JSON.parse((await run('member ls birds --json')).stdout)).toEqual([
        {
          email: 'olga@example.com',
          name: '',
          role: 'owner',
          mode: 'each',
          state: 'active',
          joinedAt: '2026-11-21T12:00:00.000Z',
          ownCopy: true,
          posting: 'default',
          believed: false,
        },
      ]);
      const changed = await run('member set birds olga@example.com own_copy=false --json');
      expect(JSON.parse(changed.stdout)).toMatchObject({ email: 'olga@example.com', ownCopy: false });
    });

    test('a member whose posts are refused, and one who is believed without proof, are shown as such', async () => {
      const run = await site(engine);
      await run('member add birds alice@example.com bob@example.com');
      await run('member set birds alice@example.com posting=reject');
      await run('member set birds bob@example.com believed=true posting=accept');
      expect(JSON.parse((await run('member ls birds --json')).stdout)).toMatchObject([
        { email: 'olga@example.com', posting: 'default', believed: false },
        { email: 'alice@example.com', posting: 'reject', believed: false },
        { email: 'bob@example.com', posting: 'accept', believed: true },
      ]);
      expect((await run('member ls birds')).stdout).toMatch(/^bob@.* accept, believed without proof$/m);
      expect((await run('member show birds bob@example.com')).stdout).toMatch(
        /^posting +accept, believed without proof$/m,
      );
      await run('member set birds bob@example.com believed=false posting=default');
      expect((await run('member show birds bob@example.com')).stdout).toMatch(/^posting +default$/m);
      expect((await run('member set birds bob@example.com posting=maybe')).stderr).toContain(
        'posting must be default, accept, hold or reject',
      );
    });

    test('add does what it can and fails for the rest', async () => {
      const run = await site(engine);
      const added = await run(
        'member add birds alice@example.com olga@example.com listserv@lists.example.org',
      );
      expect(added).toEqual({
        status: 1,
        stdout: 'Added alice@example.com.\n',
        stderr:
          'listwright: olga@example.com is on the list already; listserv@lists.example.org is an address of this list server.\n',
      });
      const removed = await run('member remove birds alice@example.com bob@example.com');
      expect(removed).toMatchObject({
        status: 1,
        stderr: 'listwright: bob@example.com is not on the list.\n',
      });
    });

    const failures: readonly [line: string, status: number, said: RegExp][] = [
      ['member add birds', 2, /missing required argument 'email'/],
      ['member add birds a@example.com b@example.com --name A', 2, /--name fits one address/],
      ['member add birds a@example.com --role king', 2, /Allowed choices are member, moderator, owner/],
      ['member add birds a@example.com --mode often', 1, /“often” is not each, digest-mime/],
      ['member show birds a@example.com', 1, /a@example\.com is not on birds@lists\.example\.org/],
      ['member set birds olga@example.com role=member', 1, /name another one first/],
      ['member set birds olga@example.com hat=red', 1, /a member has no "hat"/],
      ['member ls bats', 1, /no list "bats"/],
      ['member import birds - --mode direct', 2, /--mode direct needs --consent/],
      ['member import birds - --mode often', 2, /Allowed choices are invite, confirm, direct/],
      ['member import birds /nonexistent/file', 1, /there is no such file/],
      ['member import birds - --map x', 2, /--map: "x" is not like/],
      ['member sync birds -', 1, /names nobody/],
    ];
    test.each(failures)('%s: exit status %i', async (line, status, said) => {
      const run = await site(engine);
      expect(await run(line)).toEqual({ status, stdout: '', stderr: expect.stringMatching(said) });
    });
  });

  describe('member import', () => {
    const file = 'name;email;lang\nAlice;alice@example.com;en\nNobody;nobody;de\nOlga;olga@example.com;ru\n';

    test('without a mode is a dry run', async () => {
      const run = await site(engine);
      const { status, stdout, stderr } = await run('member import birds - --json', file);
      expect([status, JSON.parse(stdout)]).toEqual([
        1,
        {
          done: false,
          new: ['alice@example.com'],
          added: [],
          asked: [],
          askedBefore: [],
          already: ['olga@example.com'],
          suppressed: [],
          own: [],
          invalid: [{ line: 3, why: '"nobody" is not an address we can write to' }],
        },
      ]);
      expect(stderr).toBe(
        [
          'Columns without a use here: lang.',
          'This was a dry run: nothing was changed.',
          'listwright: 1 line would be left out (new 1, already 1): line 3: "nobody" is not an address we can write to.\n',
        ].join('\n'),
      );
      expect(await emails(run)).toEqual(['olga@example.com']);
    });

    test('is a dry run with --dry-run, whatever the mode', async () => {
      const run = await site(engine);
      const { stdout } = await run('member import birds - --mode direct --consent fair --dry-run', file);
      expect(stdout).toMatch(/^new +1\nalready +1\ninvalid +line 3: /);
      expect(await emails(run)).toEqual(['olga@example.com']);
    });

    test('direct adds everybody who can be added, from a file', async () => {
      const run = await site(engine);
      const name = join(folder, `${engine.name}.csv`);
      writeFileSync(name, file);
      const done = await run(`member import birds ${name} --mode direct --consent fair`);
      expect(done).toEqual({
        status: 1,
        stdout: 'added    1\nalready  1\ninvalid  line 3: "nobody" is not an address we can write to\n',
        stderr:
          'Columns without a use here: lang.\nlistwright: 1 line was left out (added 1, already 1): line 3: "nobody" is not an address we can write to.\n',
      });
      expect((await run('member show birds alice@example.com')).stdout).toMatch(/imported, fair/);
    });

    test('names the first five lines that it left out, of us ourselves, too, in the order of the file', async () => {
      const run = await site(engine);
      const bad = ['a', 'b', 'birds@lists.example.org', 'c', 'd', 'e', 'f', 'carol@example.com'].join('\n');
      const { status, stdout, stderr } = await run('member import birds - --mode confirm', bad);
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^listwright: 7 lines were left out \(asked 1, asked before 0, already 0\): line 1: "a" is .*; line 3: birds@lists\.example\.org is an address of this list server; .*line 5: .*; 2 more are named in the output\.\n$/,
        ),
      ]);
      expect(stdout).toMatch(/^invalid +line 7: "f"/m);
    });

    test.each([
      ['everybody can be taken', 'carol@example.com\ndan@example.com\n'],
      ['somebody is there already', 'olga@example.com\ncarol@example.com\n'],
      ['somebody has left by themselves: their no stands', 'alice@example.com\ncarol@example.com\n'],
    ])('ends well where %s', async (_, lines) => {
      const run = await site(engine);
      await run('member add birds alice@example.com');
      await run('member remove birds alice@example.com');
      const { status, stderr } = await run('member import birds - --mode direct --consent fair', lines);
      expect([status, stderr]).toEqual([0, '']);
    });

    test('invite asks and adds nobody', async () => {
      const run = await site(engine);
      const { stdout } = await run('member import birds - --mode invite --json', file);
      expect(JSON.parse(stdout)).toMatchObject({
        done: true,
        asked: ['alice@example.com'],
        askedBefore: [],
        already: ['olga@example.com'],
      });
      expect(await emails(run)).toEqual(['olga@example.com']);
    });

    test('of 1,200 goes in pieces and counts them together', async () => {
      const run = await site(engine);
      const many = Array.from({ length: 1200 }, (_, i) => `m${i}@example.com`).join('\n');
      const { stdout } = await run('member import birds - --mode direct --consent fair --json', many);
      expect(JSON.parse(stdout).added).toEqual(many.split('\n'));
      expect(await emails(run)).toHaveLength(1201);
    });

    test('reads what export prints', async () => {
      const run = await site(engine);
      await run('member add birds alice@example.com --name =Alice,L. --mode summary');
      await run('member set birds alice@example.com posting=hold');
      const { stdout } = await run('member export birds');
      expect(stdout).toBe(
        [
          'email,name,mode,role,joined,posting,state',
          'olga@example.com,,each,owner,2026-11-21T12:00:00.000Z,default,active',
          'alice@example.com,"\'=Alice,L.",summary,member,2026-11-21T12:00:00.000Z,hold,active',
          '',
        ].join('\n'),
      );
      const other = await site(engine);
      await other('member import birds - --mode direct --consent moved', stdout);
      expect((await other('member export birds')).stdout).toBe(stdout);
    });
  });

  describe('member sync', () => {
    const file = 'bob@example.com\ncarol@example.com\n';

    test('says what it would do, and does it with --yes', async () => {
      const run = await site(engine);
      await run('member add birds alice@example.com bob@example.com');
      const plan = await run('member sync birds -', file);
      expect(plan).toEqual({
        status: 0,
        stdout:
          'add     carol@example.com\nremove  alice@example.com\nkept    olga@example.com is an owner or a moderator\n',
        stderr: 'Nothing was changed: add --yes to do it.\n',
      });
      expect(await emails(run)).toEqual(['alice@example.com', 'bob@example.com', 'olga@example.com']);
      const { stdout } = await run('member sync birds - --yes --json', file);
      expect(JSON.parse(stdout)).toMatchObject({
        done: true,
        add: ['carol@example.com'],
        remove: ['alice@example.com'],
      });
      expect(await emails(run)).toEqual(['bob@example.com', 'carol@example.com', 'olga@example.com']);
    });

    test('says whom it left out, after the rest', async () => {
      const run = await site(engine);
      const { status, stderr } = await run('member sync birds - --yes', `${file}birds@lists.example.org\n`);
      expect([status, stderr]).toEqual([
        1,
        'listwright: 1 line was left out: birds@lists.example.org is an address of this list server.\n',
      ]);
      expect(await emails(run)).toEqual(['bob@example.com', 'carol@example.com', 'olga@example.com']);
    });

    test('changes nothing when a row cannot be read', async () => {
      const run = await site(engine);
      await run('member add birds alice@example.com');
      const { status, stderr } = await run('member sync birds - --yes', `${file}alice(at)example.com\n`);
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^listwright: Line 3: .*Nothing was changed/),
      ]);
      expect(await emails(run)).toEqual(['alice@example.com', 'olga@example.com']);
    });
  });
});
