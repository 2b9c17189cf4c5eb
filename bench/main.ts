/** `npm run bench`: measures the built product beside what this machine can do at best. See README.md in this folder. */
import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Bench, BenchOptions, Figure, Measurement } from './figure.ts';
import { describeMachine } from './machine.ts';
import { measurements } from './measurements.ts';
import { mailman3 } from './peers/mailman.ts';
import { measurePeer } from './peers/measure-peer.ts';
import { mlmmj } from './peers/mlmmj.ts';
import { findProgram } from './peers/peer.ts';
import { postfixAlias } from './peers/postfix.ts';
import { measureSmarthost } from './peers/smarthost.ts';
import { type Result, recordInDocs } from './record.ts';
import { renderFigures } from './report.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { startSink } from './wire/sink.ts';

interface Words {
  readonly only?: string;
  readonly runs: string;
  readonly quick?: boolean;
  readonly large?: boolean;
  readonly peers?: boolean;
  readonly json?: string;
  readonly record?: boolean;
}

const names = measurements.map(({ name }) => name);

await new Command('npm run bench --')
  .description('Measures Listwright beside the limits of this machine.')
  .option('--only <names>', `only these, with commas between: ${names.join(', ')}`)
  .option('--runs <number>', 'rounds of each measurement; the first one more, which is not counted', '5')
  .option('--quick', 'one round and smaller loads: for the shape, not for the figures')
  .option('--large', 'archives of 1,000,000 posts instead of 100,000: takes ten minutes and 5 GB more')
  .option(
    '--peers',
    'also the same loads on other list servers that are installed; needs root, takes minutes',
  )
  .option('--json <file>', 'write the figures there, too')
  .option('--record', 'put the tables into docs/benchmarks.md')
  .action(run)
  .parseAsync();

async function run(words: Words): Promise<void> {
  if (!existsSync(new URL('../dist/src/main.js', import.meta.url)))
    throw new Error('There is no built product to measure: first npm run build.');
  const chosen = choose(words.only);
  const sink = await startSink();
  const folder = makeScratchFolder();
  const note = (sentence: string) =>
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${sentence}\n`);
  const bench: Bench = { sink, folder, options: optionsOf(words), note };
  try {
    const machine = await describeMachine(bench);
    process.stdout.write(`${machine.join('\n')}\n`);
    const figures = await measureAll(bench, chosen);
    process.stdout.write(`${renderFigures(figures, 'ours')}\n`);
    const peers = words.peers ? await measurePeers(bench) : [];
    if (words.peers) process.stdout.write(`${renderFigures(peers, 'theirs')}\n`);
    const result: Result = { machine, figures, peers };
    if (words.json) writeFileSync(words.json, `${JSON.stringify(result, null, 2)}\n`);
    if (words.record) recordInDocs(result);
  } finally {
    sink.stop();
    folder.remove();
  }
}

async function measureAll(bench: Bench, chosen: readonly Measurement[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, measure } of chosen) {
    bench.note(`measuring ${name}`);
    figures.push(...(await measure(bench)));
  }
  return figures;
}

async function measurePeers(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const peer of [postfixAlias, mlmmj, mailman3]) figures.push(...(await measurePeer(bench, peer)));
  return findProgram('postfix') ? [...figures, ...(await measureSmarthost(bench))] : figures;
}

/** An empty `--only` chooses none: the peers alone. */
function choose(only: string | undefined): readonly Measurement[] {
  const wanted = only?.split(',').filter(Boolean) ?? names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no measurement called ${unknown.join(', ')}: ${names.join(', ')}.`);
  return measurements.filter(({ name }) => wanted.includes(name));
}

function optionsOf({ quick = false, runs, large }: Words): BenchOptions {
  return { quick, runs: quick ? 1 : Number(runs), archivePosts: large ? 1_000_000 : 100_000 };
}
