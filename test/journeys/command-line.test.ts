import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { onEachEngine } from '../support/stores.ts';
import { type Person, sharedTown } from './town.ts';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const run = promisify(execFile);

onEachEngine((engine) => {
  describe('the command line beside the running server', () => {
    const place = sharedTown({ engine });
    let dana: Person;
    beforeAll(() => {
      dana = place.town.person('dana@example.com');
    });

    /** A process of its own; what it prints. Throws when it fails. */
    async function listwright(...args: string[]): Promise<string> {
      const { env } = place.town.server;
      const command = ['--import', 'tsx', program, ...args];
      return (await run(process.execPath, command, { env: { ...process.env, ...env } })).stdout;
    }

    it('makes a list that takes mail at once', async () => {
      const made = JSON.parse(
        await listwright('list', 'create', 'birds', '--owner', 'olga@example.org', '--json'),
      );
      expect(made).toMatchObject({ address: 'birds@lists.example.org' });
      const { answer } = await dana.writes({
        to: 'birds@lists.example.org',
        subject: 'Hello',
        text: 'New here.',
      });
      expect(answer).toMatch(/^250 2\.0\.0 held for a moderator as \d+$/);
    });

    it('lets a held post through, which the server then sends without waiting for its next look', async () => {
      const [held] = JSON.parse(await listwright('held', 'ls', '--json'));
      expect(held).toMatchObject({ subject: 'Hello', from: 'dana@example.com' });
      await listwright('held', 'approve', String(held.id));
      const done = Date.now();
      await place.town.sink.received(1);
      // It notices within a second, and would look by itself after 30.
      expect(Date.now() - done).toBeLessThan(5_000);
      expect(place.town.sink.mails[0]?.to).toEqual(['olga@example.org']);
    });

    it('adds a member, who gets the next post', async () => {
      await listwright('member', 'add', 'birds', 'dana@example.com');
      await dana.writes({ to: 'birds@lists.example.org', subject: 'Again', text: 'A member now.' });
      await dana.oneMail('Again');
      expect(await listwright('member', 'ls', 'birds')).toContain('dana@example.com');
    });
  });
});
