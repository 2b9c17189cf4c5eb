import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const outsidePath = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/**
 * Where another program of the mail world is installed, for tests that talk to the real thing: `describe.skipIf(!findPeer('swaks'))`.
 * Undefined when it is not there, unless LISTWRIGHT_REQUIRE_PEERS=1 says that it must be.
 */
export function findPeer(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...outsidePath].filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (!found && process.env.LISTWRIGHT_REQUIRE_PEERS === '1') {
    throw new Error(`${name} is not installed, and LISTWRIGHT_REQUIRE_PEERS=1 demands it`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
