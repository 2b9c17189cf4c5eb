import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = (name: string) => fileURLToPath(new URL(`${name}.c`, import.meta.url));
const built = (name: string) => fileURLToPath(new URL(`../build/${name}`, import.meta.url));

/** The path of a program in C of this folder, compiled where it is newer than what was compiled before. */
export function buildWireTool(name: 'sink' | 'source' | 'blast'): string {
  const program = built(name);
  if (changedAt(program) > changedAt(source(name))) return program;
  mkdirSync(new URL('../build/', import.meta.url), { recursive: true });
  const compiled = spawnSync('gcc', ['-O2', '-o', program, source(name)], { encoding: 'utf8' });
  if (compiled.error) {
    throw new Error(
      'The benchmarks need gcc: their ends are written in C, so that they are never what is measured. On Debian: apt-get install gcc libc6-dev',
    );
  }
  if (compiled.status !== 0) throw new Error(`gcc could not compile ${source(name)}:\n${compiled.stderr}`);
  return program;
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
