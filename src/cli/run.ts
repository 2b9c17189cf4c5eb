import { type ExitStatus, explainExit } from './exit.ts';
import type { Surroundings } from './frame.ts';
import { createProgram } from './program.ts';

/** Runs one command line, without the program's name; resolves when it is done. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  around.stdout.on('error', endQuietlyOnBrokenPipe);
  try {
    await createProgram(around).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return explainExit(error, around.stderr);
  } finally {
    around.stdout.off('error', endQuietlyOnBrokenPipe);
  }
}

/** `listwright member ls birds | head -1`: the reader has seen enough, and that is no failure. */
function endQuietlyOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
