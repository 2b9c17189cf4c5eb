import { describe, expect, test } from 'vitest';
import { type CliResult, type CliSetting, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk } from '../support/desk.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

/** A command line on a site of its own, with the list `birds` of Olga. */
async function site(
  engine: TestEngine,
): Promise<(args: readonly string[], how?: CliSetting) => Promise<CliResult>> {
  const desk = createDesk(await engine.freshStore());
  const openOperations = opening(desk);
  const run = (args: readonly string[], how: CliSetting = {}) =>
    runCommandLine(args, { openOperations, ...how });
  await run(['list', 'create', 'birds', '--owner', 'olga@example.com']);
  return run;
}

onEachEngine((engine) => {
  describe('list', () => {
    test.each<[string, string, CliSetting, string]>([
      ['takes where answers go', '--reply-to list', {}, 'list'],
      ['takes an address for answers', '--reply-to Desk@Example.NET', {}, 'desk@example.net'],
      ['asks on a terminal where answers go', '', { terminal: true, stdin: '2\n' }, 'list'],
      ['does not ask where nobody is there', '', { stdin: '2\n' }, 'author'],
      [
        'does not ask about a list for announcements',
        '--preset announcement',
        { terminal: true, stdin: '2\n' },
        'author',
      ],
    ])('create %s', async (_, options, setting, replyTo) => {
      const run = await site(engine);
      await run(`list create fish --owner a@example.com ${options}`.trim().split(' '), setting);
      const shown = JSON.parse((await run(['list', 'show', 'fish', '--json'])).stdout);
      expect(shown.settings.reply_to).toBe(replyTo);
    });

    test('create makes a list and says so', async () => {
      const run = await site(engine);
      const args =
        'list create fish@lists.example.org --owner a@example.com --owner b@example.com --preset private';
      expect(await run(args.split(' '))).toEqual({
        status: 0,
        stdout: 'Made fish@lists.example.org.\n',
        stderr: '',
      });
      const shown = JSON.parse((await run(['--json', 'list', 'show', 'fish'])).stdout);
      expect(shown).toMatchObject({
        owners: ['a@example.com', 'b@example.com'],
        settings: { join: 'approve' },
      });
    });

    test('show has, as JSON, the keys that scripts rely on', async () => {
      const run = await site(engine);
      const shown = JSON.parse((await run(['list', 'show', 'birds@lists.example.org', '--json'])).stdout);
      expect(Object.keys(shown)).toEqual([
        'address',
        'title',
        'purpose',
        'closed',
        'settings',
        'members',
        'owners',
      ]);
      expect(shown).toMatchObject({
        address: 'birds@lists.example.org',
        title: 'Birds',
        purpose: '',
        closed: false,
        members: 1,
        owners: ['olga@example.com'],
        settings: { max_size: '5 MiB', moderated: false, max_recipients: 20 },
      });
    });

    test('show prints settings as set reads them', async () => {
      const run = await site(engine);
      const { stdout } = await run(['list', 'show', 'birds']);
      expect(stdout).toMatch(/^address +birds@lists\.example\.org$/m);
      expect(stdout).toMatch(/^max_size +5 MiB$/m);
      expect(stdout).toMatch(/^moderated +false$/m);
    });

    test('set takes what show gives, for every setting', async () => {
      const run = await site(engine);
      const before = JSON.parse((await run(['list', 'show', 'birds', '--json'])).stdout);
      const words = Object.entries(before.settings).map(([key, value]) => `${key}=${value}`);
      const { status, stdout } = await run(['list', 'set', 'birds', '--json', ...words]);
      expect([status, JSON.parse(stdout)]).toEqual([0, before]);
    });

    test('set says where spoof_protection asks for nothing', async () => {
      const run = await site(engine);
      const set = (value: string) => run(['list', 'set', 'birds', `spoof_protection=${value}`]);
      expect((await set('strict')).stderr).toMatch(/^But nobody checks here who sent a mail \(/);
      expect((await set('off')).stderr).toBe('');
    });

    test('ls is a table, or an array', async () => {
      const run = await site(engine);
      expect((await run(['list', 'ls'])).stdout).toMatch(/birds@lists\.example\.org +Birds +1 +no/);
      expect(JSON.parse((await run(['list', 'ls', '--json'])).stdout)).toEqual([
        { address: 'birds@lists.example.org', title: 'Birds', purpose: '', closed: false, members: 1 },
      ]);
    });

    test('rename, close and reopen say what became of it', async () => {
      const run = await site(engine);
      expect((await run(['list', 'rename', 'birds', 'vogels'])).stdout).toBe(
        'birds@lists.example.org is now vogels@lists.example.org; both work.\n',
      );
      expect((await run(['list', 'close', 'birds'])).stdout).toBe('Closed vogels@lists.example.org.\n');
      expect((await run(['list', 'reopen', 'vogels'])).stdout).toBe(
        'Opened vogels@lists.example.org again.\n',
      );
    });

    test('delete wants --yes where nobody can be asked', async () => {
      const run = await site(engine);
      const asked = await run(['list', 'delete', 'birds']);
      expect([asked.status, asked.stderr]).toEqual([2, expect.stringMatching(/with its 1 members\?.*--yes/)]);
      expect(await run(['list', 'delete', 'birds', '--yes'])).toMatchObject({
        status: 0,
        stdout: 'Deleted birds@lists.example.org.\n',
      });
      expect((await run(['list', 'ls'])).stderr).toMatch(/There are no lists yet/);
    });

    const failures: readonly [line: string, status: number, said: RegExp][] = [
      ['list create fish', 2, /required option '--owner <email>'/],
      ['list create fish --owner nobody', 1, /“nobody” is not an address/],
      ['list create birds --owner a@example.com', 1, /is, or was before a renaming/],
      ['list create fish --owner a@example.com --preset party', 2, /Allowed choices are discussion/],
      ['list show bats', 1, /^listwright: There is no list "bats" here\.\n$/],
      ['list set birds moderated', 2, /"moderated" is not like key=value/],
      ['list set birds moderated=perhaps', 1, /moderated must be true or false, not "perhaps"/],
      ['list set birds', 2, /missing required argument/],
      ['list delete bats --yes', 1, /no list "bats"/],
    ];
    test.each(failures)('%s: exit status %i', async (line, status, said) => {
      const run = await site(engine);
      expect(await run(line.split(' '))).toEqual({ status, stdout: '', stderr: expect.stringMatching(said) });
    });
  });
});
