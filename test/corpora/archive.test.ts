import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { extract } from '../../src/mail/extract.ts';
import { createExtractPool } from '../../src/mail/extract-pool.ts';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { runImport } from '../../src/operations/archive/run-import.ts';
import { type SearchPage, searchArchive } from '../../src/operations/archive/search-archive.ts';
import type { Store } from '../../src/store/store.ts';
import { openArchive, type TestArchive } from '../support/archive.ts';
import { operator } from '../support/desk.ts';
import { onEachEngine } from '../support/stores.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: archives of real lists are not tested');

const file = (...path: string[]) => join(corpora, ...path);

/** A second opinion on threads: what notmuch made of the same messages. */
type Threads = readonly (readonly { readonly id: string; readonly parent: string | null }[])[];
const readThreads = (...path: string[]): Threads => JSON.parse(readFileSync(file(...path), 'utf8'));

async function importFrom(store: Store, path: string) {
  const archive = await openArchive(store);
  await archive.makeList('birds');
  const begun = performance.now();
  const { perform } = archive.desk;
  const report = await runImport({ perform, pool: archive.pool }, { actor: operator, list: 'birds', path });
  const posts = report.imported + report.already;
  console.log(
    `${path.split('/').at(-1)}: ${Math.round(posts / ((performance.now() - begun) / 1000))} mails/s`,
  );
  return { archive, report };
}

async function ourThreads(store: Store) {
  const nodes = await store.read((db) => db.selectFrom('thread_nodes').selectAll().execute());
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const threads = new Map<number, string[]>();
  const parents = new Map<string, string | null>();
  for (const node of nodes) {
    if (node.post_id === null) continue;
    threads.set(node.thread_id, [...(threads.get(node.thread_id) ?? []), node.message_id]);
    const parent = node.parent_id === null ? undefined : byId.get(node.parent_id);
    // A phantom is nobody's parent in a corpus that lacks it.
    parents.set(node.message_id, parent?.post_id ? parent.message_id : null);
  }
  return { threads: [...threads.values()], parents };
}

describe.skipIf(corpora === '')('real archives', () => {
  onEachEngine((engine) => {
    test('a year of a public list: every message, its threads, and searches', {
      timeout: 120_000,
    }, async () => {
      const store = await engine.freshStore();
      const mbox = file('list-archive', 'usrp-users-2019.mbox');
      const { archive, report } = await importFrom(store, mbox);
      expect(report).toEqual({ imported: 350, already: 0, problems: [] });

      const differences = compare(
        (await ourThreads(store)).threads,
        readThreads('list-archive', 'usrp-users-2019.threads.json').map((thread) =>
          thread.map(({ id }) => id),
        ),
      );
      // An answer without any reference, "Re: 回复: A problem on …": its subject leads us to the thread it answers.
      expect(differences.theirs).toHaveLength(2);
      expect(differences.ours).toEqual([differences.theirs.flat().sort()]);

      const counts = JSON.parse(readFileSync(file('list-archive', 'usrp-users-2019.search.json'), 'utf8'));
      for (const [query, count] of Object.entries<number>(counts)) {
        const found = await countFound(archive, query);
        // The second opinion stems words: "underrun" finds "underruns" there, and not here.
        expect(found, query).toBeLessThanOrEqual(count);
        expect(found, query).toBeGreaterThanOrEqual(0.6 * count);
      }
    });

    test('threads of another list are the same as those of a second implementation', async () => {
      const store = await engine.freshStore();
      await importFrom(store, file('threading', 'notmuch-default'));
      const theirs = readThreads('threading', 'notmuch-default.threads.json');
      const ours = await ourThreads(store);
      expect(
        compare(
          ours.threads,
          theirs.map((thread) => thread.map(({ id }) => id)),
        ),
      ).toEqual({ ours: [], theirs: [] });
      const stated = theirs.flat();
      const different = stated.filter(({ id, parent }) => ours.parents.get(id) !== parent);
      expect(different.length).toBeLessThanOrEqual(0.01 * stated.length);
    });
  });
});

describe.skipIf(corpora === '')('real MIME', () => {
  test('structure, text and names are what another parser makes of them', () => {
    const agreed = { subject: 0, from: 0, text: 0, attachments: 0 };
    const mails = filesIn('mime-parse', 'stalwart').filter((path) => path.endsWith('.eml'));
    for (const path of mails) {
      const stated: Stated = JSON.parse(readFileSync(path.replace(/eml$/, 'json'), 'utf8'));
      const raw = readFileSync(path);
      const head = readHead(raw);
      const facts = readFacts(raw, head, 'lists.example.org');
      const { text, attachments } = extract(raw, head);
      agreed.subject += Number(flat(textOf(stated, 'subject')) === flat(facts.subject));
      agreed.from += Number(addressOf(stated) === (facts.author?.email ?? ''));
      agreed.text += Number(shareOfWords(plainTextOf(stated), text) > 0.95);
      agreed.attachments += Number(stated.attachments.length === attachments.length);
    }
    console.log(`of ${mails.length} mails agree: ${JSON.stringify(agreed)}`);
    // They keep undecodable bytes as U+FFFD and count forwarded messages and second texts otherwise.
    expect(agreed.subject / mails.length).toBeGreaterThan(0.9);
    expect(agreed.from / mails.length).toBeGreaterThan(0.95);
    expect(agreed.text / mails.length).toBeGreaterThan(0.9);
    expect(agreed.attachments / mails.length).toBeGreaterThan(0.7);
  });

  test('odd, broken and hostile mail is all read, and never holds the event loop up', {
    timeout: 120_000,
  }, async () => {
    const pool = createExtractPool({ hostname: 'lists.example.org' });
    const raws = ['mime-robust', 'mime-parse', 'html-xss']
      .flatMap((folder) => filesIn(folder))
      .map((path) => readFileSync(path))
      .map((raw) => Buffer.from(raw.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'));
    await pool.read([Buffer.from('Subject: warm\r\n\r\n')]);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const mails = await pool.read(raws);
    delay.disable();
    await pool.close();
    const unread = mails.flatMap(({ reading }) => (reading.kind === 'unreadable' ? [reading.why] : []));
    console.log(`${mails.length} files read, longest pause ${Math.round(delay.max / 1e6)} ms`);
    expect(unread).toEqual([]);
    expect(delay.percentile(99) / 1e6).toBeLessThan(100);
  });
});

async function countFound({ desk }: TestArchive, query: string): Promise<number> {
  let found = 0;
  for (let before: number | undefined; ; ) {
    const page: SearchPage = await desk.operate(searchArchive, { query, limit: 100, before });
    found += page.posts.length;
    if (page.next === undefined) return found;
    before = page.next;
  }
}

/** Threads, as sorted lists of Message-IDs, that only one of two partitions has. */
function compare(ours: readonly (readonly string[])[], theirs: readonly (readonly string[])[]) {
  const sorted = (threads: readonly (readonly string[])[]) => threads.map((ids) => [...ids].sort());
  const keys = (threads: readonly (readonly string[])[]) =>
    new Set(sorted(threads).map((ids) => ids.join('\n')));
  const [inOurs, inTheirs] = [keys(ours), keys(theirs)];
  return {
    ours: sorted(ours).filter((ids) => !inTheirs.has(ids.join('\n'))),
    theirs: sorted(theirs).filter((ids) => !inOurs.has(ids.join('\n'))),
  };
}

function filesIn(...path: string[]): string[] {
  return readdirSync(file(...path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^README|^LICENSE|COPYING/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What the corpus states of a mail: parts, and which of them are text. */
interface Stated {
  readonly text_body: readonly number[];
  readonly attachments: readonly number[];
  readonly parts: readonly {
    readonly headers: readonly { readonly name: string; readonly value: StatedValue }[];
    readonly body: { readonly Text?: string };
  }[];
}
interface StatedValue {
  readonly Text?: string;
  readonly Address?: { readonly List?: readonly { readonly address?: string }[] };
}

const headerOf = (stated: Stated, name: string) =>
  stated.parts[0]?.headers.find((header) => header.name === name)?.value;
const textOf = (stated: Stated, name: string) => headerOf(stated, name)?.Text ?? '';
const addressOf = (stated: Stated) =>
  headerOf(stated, 'from')?.Address?.List?.[0]?.address?.toLowerCase() ?? '';
const plainTextOf = (stated: Stated) =>
  stated.text_body.map((i) => stated.parts[i]?.body.Text ?? '').join(' ');
const flat = (text: string) => text.replace(/[\s>]+/g, ' ').trim();

function shareOfWords(wanted: string, text: string): number {
  const words = flat(wanted).split(' ').filter(Boolean);
  const there = flat(text);
  return words.length === 0 ? 1 : words.filter((word) => there.includes(word)).length / words.length;
}
