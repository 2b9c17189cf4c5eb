import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../figure.ts';
import type { RunningServer } from './server.ts';

export type BoundMode =
  /** Takes mails and forgets them; or keeps them, those that come together by one commit. */
  | { readonly kind: 'nothing' | 'keep' }
  /** 100 recipients a transaction, or one with a return path and a one-click link of their own. */
  | { readonly kind: 'shared' | 'personal'; readonly members: number };

export async function startBound({ folder, sink }: Bench, mode: BoundMode): Promise<RunningServer> {
  const args = [folder.make('bound'), String(sink.port), 'members' in mode ? String(mode.members) : ''];
  const program = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('bound-program.ts', import.meta.url)), mode.kind, ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [port] = await once(createInterface(program.stdout), 'line');
  return {
    pid: program.pid ?? 0,
    port: Number(port),
    async stop() {
      program.stdin.end();
      if (program.exitCode === null) await once(program, 'exit');
    },
  };
}
