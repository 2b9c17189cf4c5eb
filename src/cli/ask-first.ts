import { Refusal } from '../domain/refusal.ts';
import { askLine, type Terminal } from './ask-line.ts';
import { UsageError } from './exit.ts';

/** Returns when the person says yes. */
export async function askFirst(
  terminal: Terminal,
  question: string,
  consequence = 'This cannot be undone.',
): Promise<void> {
  if (!terminal.stdin.isTTY)
    throw new UsageError(`${question} ${consequence} To do it without being asked, add --yes.`);
  const answer = await askLine(terminal, `${question} ${consequence} Type yes to go on: `);
  if (!/^y(es)?$/i.test(answer)) throw new Refusal('conflict', 'Nothing was changed.');
}
