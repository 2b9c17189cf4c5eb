import { mkdir } from 'node:fs/promises';

/**
 * Does something in the folder of large messages, which is made again where it is gone: whoever tidies a data folder does not know that a
 * server runs. Not the folder that it is in: where that is gone the database is, too, and no mail may be taken.
 */
export async function inSpoolFolder<Done>(dir: string, act: () => Promise<Done>): Promise<Done> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await mkdir(dir, { mode: 0o700 }).catch((problem: NodeJS.ErrnoException) => {
      if (problem.code !== 'EEXIST') throw problem; // another session was first
    });
    return act();
  }
}
