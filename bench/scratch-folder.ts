import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that the benchmarks write, gone at the end. */
export interface ScratchFolder {
  readonly path: string;
  /** A new folder in it. */
  make(label: string): string;
  remove(): void;
}

/** On the disk that TMPDIR names: it should be one that survives a power cut, not a tmpfs. */
export function makeScratchFolder(): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), 'listwright-bench-'));
  let made = 0;
  return {
    path,
    make(label) {
      made += 1;
      const folder = join(path, `${made}-${label}`);
      mkdirSync(folder);
      return folder;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
