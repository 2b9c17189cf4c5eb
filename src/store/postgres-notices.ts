import pg from 'pg';
import type { Log } from '../domain/log.ts';

const channel = 'listwright';
/** Commits this close together, in milliseconds, are told as one. */
const gatherMs = 20;
const reconnectMs = 1000;

/**
 * Tells other nodes that something was committed, and hears it from them. Only a hint, so it is sent after the commit and gathered:
 * NOTIFY inside a transaction makes every commit of the whole server wait for the one before it.
 */
export interface Notices {
  committed(): void;
  listen(listener: () => void): () => void;
  close(): Promise<void>;
}

export function createNotices(url: string, pool: pg.Pool, log: Log): Notices {
  const listeners = new Set<() => void>();
  let gathering: NodeJS.Timeout | undefined;
  let ear: pg.Client | undefined;
  let reconnect: NodeJS.Timeout | undefined;

  async function tell(): Promise<void> {
    gathering = undefined;
    // Our own ear knows by its process id that the notice is ours.
    const from = ear && 'processID' in ear ? Number(ear.processID) : 0;
    try {
      await pool.query(`begin; set local synchronous_commit = off; notify ${channel}, '${from}'; commit`);
    } catch (error) {
      log.warn({ err: error }, 'Other nodes could not be told of a commit; they find it by themselves.');
    }
  }

  function hear(): void {
    const client = new pg.Client({ connectionString: url, application_name: 'listwright listener' });
    ear = client;
    client.on('notification', ({ payload }) => {
      if (payload !== String(Reflect.get(client, 'processID'))) wake();
    });
    client.on('error', () => {});
    client.on('end', () => hearAgain(client));
    // Whatever happened while nobody listened was missed.
    client
      .connect()
      .then(() => client.query(`listen ${channel}`))
      .then(wake, () => hearAgain(client));
  }

  function hearAgain(client: pg.Client): void {
    if (ear !== client) return;
    ear = undefined;
    reconnect = setTimeout(hear, reconnectMs).unref();
  }

  function wake(): void {
    for (const listener of [...listeners]) listener();
  }

  async function deafen(): Promise<void> {
    clearTimeout(reconnect);
    const client = ear;
    ear = undefined;
    await client?.end().catch(() => {});
  }

  return {
    committed() {
      gathering ??= setTimeout(tell, gatherMs).unref();
    },
    listen(listener) {
      listeners.add(listener);
      if (listeners.size === 1) hear();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) void deafen();
      };
    },
    async close() {
      listeners.clear();
      await deafen();
      if (!gathering) return;
      clearTimeout(gathering);
      await tell();
    },
  };
}
