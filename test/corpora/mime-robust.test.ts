import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { foldText } from '../../src/domain/search-words.ts';
import { readHead } from '../../src/mail/headers.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { sharedTown } from '../journeys/town.ts';
import { watchLoop } from '../support/loop-watch.ts';
import { submit } from '../support/submit.ts';

const corpora = process.env.LISTWRIGHT_CORPORA;
const folder = join(corpora ?? '', 'mime-robust');
const files = corpora ? listFiles(folder) : [];
const member = 'dana@example.com';

/** Odd, broken, hostile and ordinary messages, each sent as a member's post to a list of its own. */
describe.skipIf(!corpora)('corpus mime-robust, through the whole server', () => {
  const off = { 'limits.posts_per_sender': '0', 'limits.replies_per_address': '0' };
  const place = sharedTown({ settings: off });

  it.each(files)('%s', async (file) => {
    const raw = withCrlf(readFileSync(join(folder, file)));
    const name = `list${files.indexOf(file)}`;
    const { answer, ms, blocked } = await send(name, raw);
    expect(answer).toMatch(/^250 2\.0\.0 |^55[024] 5\.\d\.\d .{10}/);
    expect(ms).toBeLessThan(5_000);
    // What really blocks the loop does it again.
    expect(blocked < 100 ? blocked : (await send(`${name}b`, raw)).blocked).toBeLessThan(100);
    const [, id] = /accepted as (\d+)/.exec(answer) ?? [];
    if (id) await checkPost(Number(id), name, raw);
  });

  /** Until it is answered, sent on and indexed: how long the answer took, and the longest that the event loop was blocked, in ms. */
  async function send(name: string, raw: Buffer) {
    await place.town.makeList(name, [place.town.person(member)], { post: 'anyone', misdirected: 'off' });
    const blocked = watchLoop();
    const start = performance.now();
    const { smtpPort } = place.town.server;
    const answer = await submit(smtpPort, { from: member, to: [`${name}@lists.example.org`], raw });
    const ms = performance.now() - start;
    await place.town.server.idle();
    return { answer, ms, blocked: blocked() };
  }

  /** Archived byte for byte, sent on with every byte of its body, and found by a word of its text unless that says why not. */
  async function checkPost(id: number, name: string, raw: Buffer): Promise<void> {
    const post = await place.town.operate(showPost, { id });
    expect(post.raw.equals(raw)).toBe(true);
    const copy = place.town.sink.mails.findLast(
      ({ data, to }) => to.includes(member) && data.includes(`<${name}.lists`),
    );
    expect(bodyOf(Buffer.from(copy?.data ?? '', 'latin1')).equals(bodyOf(raw))).toBe(true);
    if (!post.text && post.attachments.length === 0) return expect(await isExplained(id, raw)).toBe(true);
    const [word] = /(?<!\S)[\p{L}\p{N}]{4,}(?!\S)/u.exec(foldText(post.text ?? '')) ?? [];
    if (!word) return;
    const { posts } = await place.town.operate(searchArchive, { query: `"${word}"`, list: name });
    expect([word, posts.map((found) => found.id)]).toEqual([word, [id]]);
  }

  /** Nothing to read: because there is nothing, or with the reason written beside it. */
  async function isExplained(id: number, raw: Buffer): Promise<boolean> {
    const [row] = await place.town.server.look((db) =>
      db.selectFrom('posts').select('index_error').where('id', '=', id).execute(),
    );
    const lines = bodyOf(raw).toString('latin1').split('\r\n');
    return Boolean(row?.index_error) || lines.every((line) => /^(--.*|[\w-]+:.*|\s*)$/.test(line));
  }
});

function bodyOf(raw: Buffer): Buffer {
  return raw.subarray(readHead(raw).end);
}

/** As a client sends it: every line end is CRLF, the last one too. */
function withCrlf(file: Buffer): Buffer {
  const text = file.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}

function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== root)
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
