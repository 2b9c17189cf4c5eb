import { Refusal } from '../domain/refusal.ts';
import { askLine, type Terminal } from './ask-line.ts';
import { UsageError } from './exit.ts';

/** Returns when the person says yes. */
export async function askFirst(terminal: Terminal, question: string): Promise<void> {
  if (!terminal.stdin.isTTY)
    throw new UsageError(`${question} This cannot be undone. To do it without being asked, add --yes.`);
  const answer = await askLine(terminal, `${question} This cannot be undone. Type yes to go on: `);
  if (!/^y(es)?$/i.test(answer)) throw new Refusal('conflict', 'Nothing was changed.');
}
