import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../figure.ts';
import type { RunningServer } from '../servers/server.ts';

/** Another list server, from its Debian package, at its default settings. */
export interface Peer {
  readonly name: string;
  /** Must be installed, from the Debian package of that name. */
  readonly program: string;
  readonly package: string;
  /** Lists of these sizes, whose members are `sub000000@` and so on. */
  start(bench: Bench): Promise<RunningPeer>;
}

export interface RunningPeer extends Pick<RunningServer, 'port' | 'stop'> {
  readonly lists: readonly PeerList[];
}

export interface PeerList {
  readonly address: string;
  readonly members: number;
  /** `shared`: several recipients a transaction; `personal`: a copy and a return path for each. */
  readonly copies: 'shared' | 'personal';
}

/** The path of a program of the mail world; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/lib/mailman3/bin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command to its end; throws with what it said when it failed. Milliseconds. */
export function runToEnd(command: string, args: readonly string[], cwd?: string): number {
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return performance.now() - began;
}
