import { join } from 'node:path';
import { Refusal } from '../domain/refusal.ts';
import { openForLocking } from './sqlite-connection.ts';
import { isLocked } from './sqlite-errors.ts';
import { prepareFile } from './sqlite-file.ts';

/**
 * Makes sure that one server at a time works in a data folder, for as long as the process lives: the kernel ends the lock with it,
 * however it ends. Commands of the operator work beside the server and do not ask. Throws Refusal('busy').
 */
export function holdServerLock(dataDir: string): { release(): void } {
  const file = join(dataDir, 'server.lock');
  prepareFile(file);
  const connection = openForLocking(file);
  try {
    connection.prepare('begin exclusive').run();
  } catch (error) {
    connection.close();
    if (!isLocked(error)) throw error;
    throw new Refusal('busy', `Another server works with ${dataDir} already: stop it first.`);
  }
  return { release: () => connection.close() };
}
