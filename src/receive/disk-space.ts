import { statfs } from 'node:fs/promises';
import { inSpoolFolder } from './spool-folder.ts';

/** How long an answer of the file system is believed, in milliseconds. */
const freshFor = 1000;

/**
 * Whether the file system of `dir` has at least `minFree` bytes for us: mail is refused for a while rather than taken until
 * nothing can be written any more. Asks once a second at most.
 */
export function createDiskSpace(dir: string, minFree: number, now: () => number): () => Promise<boolean> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer = Promise.resolve(true);
  return () => {
    const at = now();
    // A clock that was set back must not keep an old answer for ever.
    if (minFree > 0 && (at >= askedAt + freshFor || at < askedAt)) {
      askedAt = at;
      answer = inSpoolFolder(dir, () => statfs(dir)).then(({ bavail, bsize }) => bavail * bsize >= minFree);
    }
    return answer;
  };
}
