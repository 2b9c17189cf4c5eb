import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointReport } from './checkpointer.ts';
import { openForCheckpoints } from './sqlite-connection.ts';
import { sqliteCode } from './sqlite-errors.ts';

// The entry of the thread of checkpointer.ts.
const port = parentPort;
const connection = openForCheckpoints(workerData as string);

port?.on('message', (request: 'checkpoint' | 'stop') => {
  if (request === 'checkpoint') port.postMessage(checkpoint());
  else {
    connection.close();
    port.close();
  }
});

function checkpoint(): CheckpointReport {
  try {
    connection.raw.pragma('wal_checkpoint(passive)');
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', code: sqliteCode(error) || String(error) };
  }
}
