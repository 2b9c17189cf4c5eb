import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { type ListenAddress, parseListen } from '../config/values.ts';

/** Starts to listen on `text` (as in the configuration) and tells where that really is: port 0 becomes the one the system chose. */
export async function bind(server: Server, text: string): Promise<ListenAddress> {
  const address = parseListen(text);
  if (!address) throw new Error(`cannot listen on "${text}": it is neither host:port nor unix:/path`);
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  await listening(server, address, text);
  const bound = server.address();
  if (address.kind === 'tcp') {
    return bound && typeof bound === 'object' ? { ...address, port: bound.port } : address;
  }
  // The group may write, so that an MTA reaches it through a directory shared with our group.
  await chmod(address.path, 0o660);
  return address;
}

function listening(server: Server, address: ListenAddress, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) =>
      reject(new Error(`cannot listen on ${text}: ${cause.message}`, { cause }));
    server.once('error', failed);
    server.listen(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
      () => {
        server.off('error', failed);
        resolve();
      },
    );
  });
}

/** What a crash left behind; a socket that somebody still listens on, and any other file, stays. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() && (await isDead(path))) await unlink(path);
}

/** Only a refusal says so: whoever is too busy to take one more (EAGAIN), or takes another kind of connection, is alive. */
function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
