import { parentPort, workerData } from 'node:worker_threads';
import { authenticate } from 'mailauth';
import type { Zones } from '../../test/support/name-server.ts';

const { mails, zones } = workerData as { readonly mails: readonly Uint8Array[]; readonly zones: Zones };

async function resolver(name: string, type: string): Promise<string[][]> {
  const zone = zones[name];
  const texts = type === 'TXT' && typeof zone === 'object' ? zone.TXT : undefined;
  if (!texts) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  return texts.map((text) => [text]);
}

async function checkAll(some: readonly Uint8Array[]): Promise<void> {
  for (const mail of some) {
    const { dmarc } = await authenticate(Buffer.from(mail), {
      ip: '127.0.0.1',
      helo: 'bench.example.org',
      sender: `poster@${Object.keys(zones)[1]}`,
      mta: 'lists.bench.example',
      disableBimi: true,
      resolver,
    });
    if (dmarc === false || dmarc.status.result !== 'pass')
      throw new Error('mailauth finds that a mail of ours fails');
  }
}

await checkAll(mails.slice(0, 100));
parentPort?.on('message', async () => {
  await checkAll(mails);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
