import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe } from 'vitest';

/** Installed, and allowed to trace. Where it is demanded it is taken for granted, and its absence fails the tests. */
const usable =
  process.env.LISTWRIGHT_REQUIRE_PEERS === '1' ||
  spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

/** Tests that need strace, skipped where there is none. */
export const describeWithStrace = usable ? describe : describe.skip;

/**
 * Runs a program so that `fault` happens to it, e.g. `fsync:signal=KILL:when=3`: at the third fsync of one thread. The program is
 * our own child and strace its watcher (-D), so that signals and the exit status are the program's.
 */
export function straceWith(fault: string): readonly string[] {
  const [calls = ''] = fault.split(':');
  return ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${fault}`];
}

/** Runs a program and writes its calls, with 64 KiB of what each of them wrote, to a file. */
export function straceInto(file: string, calls: string): readonly string[] {
  // --seccomp-bpf: only these calls stop the program. (It would not let a signal be injected.)
  return [
    'strace',
    '-D',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-y',
    '-s',
    '65536',
    '-o',
    file,
    '-e',
    `trace=${calls}`,
  ];
}

/**
 * The calls in a file that strace wrote, one a line, in the order in which they returned. Where other threads came in between, the
 * beginning stands alone at its place, too.
 */
export function readCalls(file: string): readonly string[] {
  const begun = new Map<string, string>();
  return readFileSync(file, 'latin1')
    .split('\n')
    .map((line) => {
      const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
      const [, beginning] = /^(.*) <unfinished \.\.\.>$/.exec(rest) ?? [];
      if (beginning !== undefined) begun.set(thread, beginning);
      return rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? '');
    });
}
