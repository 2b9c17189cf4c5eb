import { describe, expect, it } from 'vitest';
import { lockThread } from '../../src/operations/archive/lock-thread.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { setHeaderRule } from '../../src/operations/rules/set-header-rule.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { submit } from '../support/submit.ts';
import { zip } from '../support/zip.ts';
import { sharedTown } from './town.ts';

const place = sharedTown();

/** A list of Dana and Emil, by a name of its own. */
async function list(name: string, settings: Readonly<Record<string, string>> = {}) {
  const { town } = place;
  const dana = town.person(`Dana Reyes <dana-${name}@example.com>`);
  const emil = town.person(`emil-${name}@example.com`);
  await town.makeList(name, [dana, emil], settings);
  return { address: `${name}@lists.example.org`, dana, emil };
}

describe('what owners have decided, over the wire', () => {
  it('a program in an archive never reaches the members, and its author hears why at once', async () => {
    const { address, dana, emil } = await list('birds');
    const content = zip([{ name: 'holiday/photos.jpg' }, { name: 'holiday/photos.jpg.scr' }]).toString(
      'base64',
    );
    const raw = [
      `From: ${dana.email}`,
      `To: ${address}`,
      'Subject: Holiday',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'Look at these!',
      '--b',
      'Content-Type: application/zip; name=photos.zip',
      'Content-Transfer-Encoding: base64',
      '',
      content,
      '--b--',
      '',
    ].join('\r\n');
    const { smtpPort } = place.town.server;
    expect(await submit(smtpPort, { from: dana.email, to: [address], raw })).toBe(
      `550 5.7.1 Not posted to ${address}: "photos.zip" holds a program, photos.jpg.scr. Send it again without that`,
    );
    expect(await emil.newMail()).toEqual([]);
  });

  it('a banned member’s mail is taken and goes nowhere; what their domain may not say is told', async () => {
    const { address, dana, emil } = await list('fish');
    const { town } = place;
    await town.operate(setSenderRule, { list: 'fish', pattern: dana.email, action: 'discard' });
    expect((await dana.writes({ to: address, subject: 'Hi' })).answer).toBe('250 2.0.0 OK');
    await town.operate(setHeaderRule, {
      list: 'fish',
      field: 'Subject',
      pattern: '\\bcasino\\b',
      action: 'reject',
    });
    expect((await emil.writes({ to: address, subject: 'Casino!' })).answer).toBe(
      `550 5.7.1 Not posted to ${address}: a rule about its Subject says so`,
    );
    expect((await emil.writes({ to: address, subject: 'Nests' })).answer).toMatch(/^250 .*accepted/);
    expect((await emil.newMail()).map(({ subject }) => subject)).toEqual(['Nests']);
    expect((await dana.newMail()).map(({ subject }) => subject)).toEqual(['Nests']);
  });

  it('answers into a closed conversation wait', async () => {
    const { address, dana, emil } = await list('eggs');
    const { town } = place;
    await dana.writes({ to: address, subject: 'Whose eggs?' });
    const post = await emil.oneMail('Whose eggs?');
    await town.server.idle();
    const { posts } = await town.operate(searchArchive, { query: 'eggs', list: 'eggs' });
    await town.operate(lockThread, { id: posts[0]?.id });
    expect((await emil.answers(post, { to: address, text: 'Mine.' })).answer).toMatch(
      /^250 .*held for a moderator/,
    );
    expect((await emil.writes({ to: address, subject: 'Chicks' })).answer).toMatch(/^250 .*accepted/);
  });
});
