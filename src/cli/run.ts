import { type ExitStatus, explainExit } from './exit.ts';
import type { Surroundings } from './frame.ts';
import { createProgram } from './program.ts';

/** Runs one command line, without the program's name; resolves when it is done. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  // Stays when the command is done: what it printed may still be on its way.
  around.stdout.on('error', endQuietlyOnBrokenPipe);
  try {
    await createProgram(around).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return explainExit(error, around.stderr);
  }
}

/** `listwright member ls birds | head -1`: the reader has seen enough, and that is no failure. */
function endQuietlyOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
