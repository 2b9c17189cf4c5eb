import { parentPort, workerData } from 'node:worker_threads';
import { checkpoint } from './checkpointer.ts';
import { openForCheckpoints } from './sqlite-connection.ts';

// The entry of the thread of checkpointer.ts.
const port = parentPort;
const connection = openForCheckpoints(workerData as string);

port?.on('message', (request: 'checkpoint' | 'stop') => {
  if (request === 'checkpoint') port.postMessage(checkpoint(connection));
  else {
    connection.close();
    port.close();
  }
});
