import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Bench, spreadOf } from './figure.ts';
import { blast } from './wire/blast.ts';
import { monotonicNow } from './wire/sink.ts';

/** What this machine is, and what its wire and its disk can do today: the physical limits that every figure shares. */
export async function describeMachine(bench: Bench): Promise<string[]> {
  const cores = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const wire = async (transactions: number, recipients: number) =>
    (transactions * recipients) / (await blast(bench.sink.port, { transactions, recipients }));
  const [single, grouped] = [await wire(40_000, 1), await wire(8_000, 100)];
  const sync = spreadOf(timeSyncs(bench));
  return [
    `${cores.length} × ${cores[0]?.model.trim()}, ${gigabytes} GB, ${systemName()}, Node ${process.versions.node}`,
    `wire: ${whole(single)} recipients/s one a transaction, ${whole(grouped)} a hundred a transaction (C to C, 20 connections, 4 KB)`,
    `disk: fsync of 4 KB ${sync.median.toFixed(2)} ms [${sync.min.toFixed(2)}–${sync.max.toFixed(2)}]`,
  ];
}

/** Milliseconds each. */
function timeSyncs({ folder }: Bench): number[] {
  const file = openSync(join(folder.make('disk'), 'file'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, () => {
    const began = monotonicNow();
    writeSync(file, block);
    fsyncSync(file);
    return monotonicNow() - began;
  });
  closeSync(file);
  return times;
}

function systemName(): string {
  const name = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return name ?? process.platform;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
