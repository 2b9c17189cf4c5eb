import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: real automatic mail is not tested');

/** With the line ends that it has on the wire. */
const overSmtp = (raw: Buffer) =>
  Buffer.from(raw.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');

function mailsIn(folder: string): readonly (readonly [string, Buffer])[] {
  if (corpora === '') return [];
  const names = readdirSync(join(corpora, folder)).filter((name) => name.endsWith('.eml'));
  return names.map((name) => [name, overSmtp(readFileSync(join(corpora, folder, name)))]);
}

interface Place {
  readonly desk: Desk;
  /** Addresses with live tokens: somebody was asked to join, a moderator about a post. */
  readonly asked: readonly string[];
}

/** Anybody may post to birds, so that nothing but what the mail is keeps it out. */
async function birds(): Promise<Place> {
  const desk = createDesk(await sqlite.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org', name: '' }] });
  await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
  await deliverOne(desk, { from: 'bo@example.org', to: 'birds@lists.example.org', subject: 'Waits' });
  await deliverOne(desk, { from: 'cy@example.com', to: 'birds-join@lists.example.org' });
  const sent = await takeOutbox(desk);
  const tokenOf = (subject: RegExp) => tokenIn(sent.find((mail) => subject.test(mail.subject)));
  await desk.operate(setList, { list: 'birds', changes: { moderated: 'false', post: 'anyone' } });
  return {
    desk,
    asked: [
      `birds-confirm+${tokenOf(/^Please confirm: join/)}@lists.example.org`,
      `birds-mod+${tokenOf(/Waits/)}@lists.example.org`,
    ],
  };
}

const programs = [
  'birds',
  'birds-request',
  'birds-join',
  'birds-leave',
  'birds-digest',
  'listserv',
  'sympa',
].map((local) => `${local}@lists.example.org`);
const people = ['birds-owner@lists.example.org', 'abuse@lists.example.org', 'postmaster@lists.example.org'];

describe.each([
  ['autoreply-vacation', 'an automatic reply'],
  ['feedback-arf', 'a complaint of a mailbox provider'],
])('%s: %s', (folder) => {
  const senders = ['feedback@example.net', ''] as const;

  it.skipIf(corpora === '').each(mailsIn(folder))(
    '%s is not posted, not answered, and decides nothing, whatever address it comes to',
    async (_, raw) => {
      const { desk, asked } = await birds();
      for (const envelopeSender of senders) {
        for (const to of [...programs, ...asked]) {
          const result = await deliverOne(desk, { from: '', to, raw, envelopeSender });
          expect([to, result.kind]).toEqual([to, 'dropped']);
        }
      }
      expect(await takeOutbox(desk)).toEqual([]);
      const { members } = await desk.operate(listMembers, { list: 'birds' });
      expect(members.map(({ email }) => email).sort()).toEqual(['ana@example.org', 'bo@example.org']);
      expect(await desk.operate(listHeld, { list: 'birds' })).toMatchObject([{ subject: 'Waits' }]);
    },
  );

  it.skipIf(corpora === '').each(mailsIn(folder))(
    '%s reaches the people it was written to, and nobody else',
    async (_, raw) => {
      const { desk } = await birds();
      for (const to of people)
        await deliverOne(desk, { from: '', to, raw, envelopeSender: 'feedback@example.net' });
      expect((await takeOutbox(desk)).map(({ to, kind }) => [to, kind])).toEqual([
        ['ana@example.org', 'forward'],
        ['root@example.org', 'forward'],
        ['root@example.org', 'forward'],
      ]);
    },
  );
});
