import pg from 'pg';
import { isLockTimeout } from './postgres-errors.ts';

/** A number that no other session of the database has. */
export interface HeldNumber {
  release(): Promise<void>;
}

/** How long a session that has just ended may still have it, in milliseconds. PostgreSQL notices at once that a process was killed. */
const patienceMs = 3000;
const reconnectMs = 1000;
/** That a whole machine is gone, PostgreSQL notices after 25 seconds. */
const keepalives = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/**
 * Holds a number by an advisory lock, on a connection of its own: PostgreSQL ends that with the session, however the process ends. After the
 * connection was lost it is taken again as soon as that is possible. Undefined where somebody else has it.
 */
export async function holdNumber(url: string, number: number): Promise<HeldNumber | undefined> {
  const first = await lock(url, number);
  if (!first) return undefined;
  let client = first;
  let released = false;
  let timer: NodeJS.Timeout | undefined;

  function keep(locked: pg.Client): void {
    client = locked;
    if (released) void client.end();
    else client.once('end', lockLater);
  }

  function lockLater(): void {
    if (!released) timer = setTimeout(lockAgain, reconnectMs).unref();
  }

  /** For a while it may be our own lost session that has it. */
  function lockAgain(): void {
    lock(url, number).then((locked) => (locked ? keep(locked) : lockLater()), lockLater);
  }

  keep(first);
  return {
    async release() {
      released = true;
      clearTimeout(timer);
      await client.end();
    },
  };
}

async function lock(url: string, number: number): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'listwright claimant',
    connectionTimeoutMillis: 5000,
    lock_timeout: patienceMs,
    keepAlive: true,
    options: keepalives,
  });
  // Without a listener an error would end the process; `end` follows it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1::bigint)', [number]);
    return client;
  } catch (error) {
    await client.end();
    if (isLockTimeout(error)) return undefined;
    throw error;
  }
}
