import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeText, formatMailbox } from '../../src/mail/encode-header.ts';
import { readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { deliverOne, type Sent, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';
import { startSite } from '../web/site.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: hostile markup in moderation is not tested');

interface Vector {
  readonly id: number;
  readonly payload: string;
}

const bob = 'bob@example.org';
const hour = 3_600_000;

describe.skipIf(corpora === '')('markup of strangers', () => {
  test('changes no element of a moderator’s pages and no field of the mails to them', async () => {
    const vectors = JSON.parse(readFileSync(join(corpora, 'html-xss', 'vectors.json'), 'utf8')) as Vector[];
    const harmless = await seen('nothing at all');
    expect(vectors.length).toBeGreaterThan(100);
    for (const { id, payload } of vectors)
      expect({ id, ...(await seen(payload)) }).toEqual({ id, ...harmless });
  }, 120_000);
});

let place: Promise<{ site: Awaited<ReturnType<typeof startSite>> }> | undefined;

async function open() {
  const site = await startSite(await sqlite.freshStore());
  await site.desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  await site.desk.operate(addMembers, { list: 'birds', members: [{ email: bob, role: 'moderator' }] });
  await takeOutbox(site.desk);
  return { site };
}

/** What does not depend on the words: the elements of both pages, the fields of the notice, the lines that are ours. */
async function seen(payload: string) {
  place ??= open();
  const { site } = await place;
  // Each is the first of its hour, and is announced.
  site.desk.now += hour;
  const result = await deliverOne(site.desk, {
    from: formatMailbox({ name: payload.slice(0, 150), email: 'eve@example.edu' }),
    to: 'birds@lists.example.org',
    subject: encodeText(payload),
    text: payload.replace(/\r/g, ''),
    checks: {
      identity: { class: 'unverified', why: payload, policy: 'none', temporary: false },
      attachments: [{ filename: payload, type: payload, bytes: 1 }],
    },
  });
  if (result.kind !== 'held') throw new Error(JSON.stringify({ payload, result }).slice(0, 600));
  const notice = (await takeOutbox(site.desk)).find(({ to }) => to === bob);
  const token = tokenIn(notice);
  const page = await site.ask(`/c/${token}`);
  const form = await site.ask(`/c/${token}?post=1&edit=1`);
  expect([page.status, form.status, page.headers['content-security-policy'], site.errors]).toEqual([
    200,
    200,
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    [],
  ]);
  return {
    page: elementsOf(page.text, token),
    form: elementsOf(form.text, token),
    ...shapeOf(notice, token),
  };
}

/** Every tag with its attributes, as a browser finds them: text never holds a `<`. */
function elementsOf(html: string, token: string): string {
  return (html.match(/<[^>]*>?/g) ?? []).join('').replaceAll(token, 'TOKEN');
}

function shapeOf(notice: Sent | undefined, token: string) {
  const fields = readHead(notice?.raw ?? Buffer.alloc(0)).fields.map(({ name }) => name);
  const ours = (notice?.text ?? '')
    .split(/\r?\n/)
    .filter((line) =>
      /^(From|Really\?|Sender|Subject|Attached|Reply|Or|Without|\s+(ok|reject|discard|allow|ban|mailto|https))\b/.test(
        line,
      ),
    )
    .map((line) =>
      line.replaceAll(token, 'TOKEN').replace(/^(From|Really\?|Subject|Attached|Sender):? .*/, '$1'),
    )
    .map((line) => line.replace(/rejected on .*/, ''));
  return { fields, ours };
}
