import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findField, readHead } from '../../src/mail/headers.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { sharedTown } from '../journeys/town.ts';
import { submit } from '../support/submit.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
const files = corpora ? readdirSync(join(corpora, 'eai')).filter((name) => !name.endsWith('.md')) : [];
const hops = [
  ['that takes UTF-8', true],
  ['that does not', false],
] as const;

describe.skipIf(!corpora).each(hops)('corpus eai, with a next hop %s', (_, utf8) => {
  const place = sharedTown({ nextHop: { utf8 } });

  it.each(files)('%s', async (file) => {
    const raw = Buffer.from(
      readFileSync(join(corpora, 'eai', file), 'latin1').replace(/\r?\n/g, '\r\n'),
      'latin1',
    );
    const name = `list${files.indexOf(file)}`;
    const readers = ['dana@example.com', 'øy@example.com'].map((email) => place.town.person(email));
    await place.town.makeList(name, readers, { post: 'anyone', require_addressed: 'no' });
    const from = /<?(\S+@[^\s>]+)/.exec(/^From: .*$/m.exec(raw.toString())?.[0] ?? '')?.[1] ?? '';
    const answer = await submit(place.town.server.smtpPort, { from, to: [`${name}@lists.example.org`], raw });
    const [, id] = /^250 2\.0\.0 accepted as (\d+)/.exec(answer) ?? [];
    expect([answer, id]).not.toContain(undefined);
    expect((await place.town.operate(showPost, { id: Number(id) })).raw.equals(raw)).toBe(true);
    const [copies, more] = [await readers[0]?.newMail(), await readers[1]?.newMail()];
    expect([copies?.length, more?.length]).toEqual([1, utf8 ? 1 : 0]);
    const copy = Buffer.from(copies?.[0]?.data ?? '', 'latin1');
    expect(copy.subarray(readHead(copy).bodyStart).toString('latin1')).toContain(
      raw.subarray(readHead(raw).bodyStart).toString('latin1'),
    );
    const sent = findField(readHead(copy), 'from')?.raw ?? '';
    const written = findField(readHead(raw), 'from')?.raw ?? '';
    if (utf8 || /^[\x20-\x7e\r\n]*$/.test(written)) expect(sent).toBe(written);
    else expect(sent).toMatch(/^From: =\?utf-8\?.*\?=\s+<list\d-from\+\w+@lists\.example\.org>\r\n$/);
    if (!utf8)
      expect(copy.subarray(0, readHead(copy).end).toString('latin1')).toMatch(/^[\t\x20-\x7e\r\n]*$/);
  });
});
