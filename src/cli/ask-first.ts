import { createInterface } from 'node:readline/promises';
import { Refusal } from '../domain/refusal.ts';
import { UsageError } from './exit.ts';

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Returns when the person says yes. The question goes to standard error: standard output may be a pipe. */
export async function askFirst({ stdin, stderr }: Terminal, question: string): Promise<void> {
  if (!stdin.isTTY)
    throw new UsageError(`${question} This cannot be undone. To do it without being asked, add --yes.`);
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    // readline never settles the question when the input ends (Ctrl-D): that is no yes.
    const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const asked = lines.question(`${question} This cannot be undone. Type yes to go on: `);
    const answer = await Promise.race([asked, gone]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('conflict', 'Nothing was changed.');
  } finally {
    lines.close();
  }
}
