import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load.ts';
import { toSite } from '../../src/config/to-site.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { createPerform } from '../../src/operations/perform.ts';
import { loadOrMakeHmacKeys } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { largeArchive } from '../archive/large-archive.ts';
import { seededRandom } from '../archive/random.ts';
import { anyWord, wordOf } from '../archive/words.ts';
import { type Figure, type Measurement, quantile, spreadOf } from '../figure.ts';
import { monotonicNow } from '../wire/sink.ts';

/**
 * Target 9, as far as it can be measured before there is a search page: the operation behind its first page, in this process, for
 * words of every frequency. What HTTP and HTML take comes on top.
 */
export const search: Measurement = {
  name: 'search',
  async measure(bench) {
    const { config } = await largeArchive(bench);
    const desk = await openDesk(config);
    const figures: Figure[] = [];
    for (const [kind, queries] of Object.entries(queriesByKind())) {
      const medians: number[] = [];
      const p95s: number[] = [];
      for (let run = 0; run <= bench.options.runs; run++) {
        const times = (await timesOf(queries, desk.search)).toSorted((a, b) => a - b);
        if (run === 0) continue;
        medians.push(quantile(times, 0.5));
        p95s.push(quantile(times, 0.95));
      }
      const p95 = spreadOf(p95s);
      const what = `search of ${bench.options.archivePosts.toLocaleString('en')} posts, no HTTP, ${kind}`;
      figures.push(
        { target: 9, what: `${what}: p50`, unit: 'ms', ours: spreadOf(medians) },
        {
          target: 9,
          what: `${what}: p95`,
          unit: 'ms',
          ours: p95,
          goal: { text: '< 20 ms', met: p95.median < 20 },
        },
      );
    }
    await desk.close();
    return figures;
  },
};

/** A hundred of each, the same in every run. */
function queriesByKind(): Readonly<Record<string, readonly string[]>> {
  const random = seededRandom(9);
  const words = (first: number, step: number) =>
    Array.from({ length: 100 }, (_, i) => wordOf(first + i * step));
  return {
    'rare words': words(15_000, 50),
    'middling words': words(500, 5),
    'common words': words(0, 1),
    'two words of any frequency': Array.from({ length: 100 }, () => `${anyWord(random)} ${anyWord(random)}`),
  };
}

async function timesOf(
  queries: readonly string[],
  ask: (query: string) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (const query of queries) {
    const began = monotonicNow();
    await ask(query);
    times.push(monotonicNow() - began);
    // As a server has it: each request in a turn of its own.
    await delay(0);
  }
  return times;
}

async function openDesk(configFile: string) {
  const { config } = loadConfig({ file: configFile, env: {}, cwd: dirname(configFile) });
  const store = await openStore(config.database.url, { dataDir: config.data_dir });
  const keys = await loadOrMakeHmacKeys(store, randomBytes, Date.now());
  const perform = createPerform({
    store,
    site: toSite(config),
    keys,
    now: Date.now,
    randomBytes,
    committed: () => {},
  });
  return {
    search: (query: string) => perform(searchArchive, { kind: 'operator', via: 'cli' }, { query }),
    close: () => store.close(),
  };
}
