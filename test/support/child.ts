import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A TypeScript program of test/support, running beside the test and gone after it. */
export interface Child {
  /** Waits until it has said this line; throws when it ends first. */
  said(line: string): Promise<void>;
  /** Waits for its end; every line it has said. */
  finished(): Promise<readonly string[]>;
  /** kill -9. */
  kill(): void;
}

/** `wrapper`: a program with its arguments that runs it, e.g. strace. */
export function startChild(program: string, args: readonly string[], wrapper: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const [command = '', ...rest] = [...wrapper, process.execPath, '--import', 'tsx', path, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  onTestFinished(() => killGroup(child));
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  const closed = once(output, 'close');
  return {
    async said(line) {
      while (!lines.includes(line)) {
        if ((await Promise.race([once(output, 'line'), closed.then(() => 'closed')])) === 'closed')
          throw new Error(`the child ended without saying "${line}": ${lines.join(', ')}`);
      }
    },
    async finished() {
      await closed;
      return lines;
    },
    kill: () => killGroup(child),
  };
}

/** With what it runs: a strace that is killed leaves its program alive. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}
