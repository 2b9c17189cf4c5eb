import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { silentLog } from '../domain/log.ts';
import { type Server, startServer } from '../server.ts';
import { untilSignal } from '../until-signal.ts';
import { openPost } from './post-office.ts';
import { playStory } from './story.ts';

/**
 * `npm run demo`: a real server in a temporary folder, its outgoing mail captured, and a short story played through real SMTP.
 * Throws when a step of the story did not really happen.
 */
export async function playDemo(
  { exit }: { readonly exit: boolean },
  { say }: { say(text: string): void },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'listwright-demo-'));
  const outboxKey = randomBytes(9).toString('base64url');
  let server: Server | undefined;
  try {
    server = await startInFolder(folder, outboxKey);
    say(introduction(server));
    await playStory({ server, office: openPost(server), say });
    if (exit) return;
    say(whatToLookAt(server, outboxKey));
    await untilSignal();
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startInFolder(folder: string, outboxKey: string): Promise<Server> {
  const web = await freePort(8080);
  const smtp = await freePort(2525);
  const { config } = loadConfig({
    cwd: folder,
    env: {
      LISTWRIGHT_CONFIG: '',
      LISTWRIGHT_DELIVERY__TRANSPORT: 'capture',
      LISTWRIGHT_CHECKS__SPF_DKIM_DMARC: 'false',
      LISTWRIGHT_DATA_DIR: folder,
      LISTWRIGHT_SMTP__LISTEN: `127.0.0.1:${smtp}`,
      LISTWRIGHT_WEB__LISTEN: `127.0.0.1:${web}`,
      LISTWRIGHT_BASE_URL: `http://127.0.0.1:${web}`,
      LISTWRIGHT_LIMITS__MIN_FREE_DISK: '0',
    },
  });
  return startServer({ config, log: silentLog, outboxKey });
}

/** The wanted port where it is free, so that the addresses look like those of trial mode; else one that the system has free. */
async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

function introduction(server: Server): string {
  return `
Listwright, a list server. This is a real one, on SQLite in a temporary folder, listening for mail at
${server.addresses.smtp}. What it would send to the world is caught instead, so that you can read it.
Senders are not checked in the demo (checks.spf_dkim_dmarc = false, spoof_protection = off).

`;
}

function whatToLookAt(server: Server, outboxKey: string): string {
  return `
The server stays up. Look at it:

  Every mail it sent     ${server.addresses.pages}/outbox?key=${outboxKey}
  The page of the list   ${server.addresses.pages}/birds/
  Is it well?            ${server.addresses.pages}/healthz

Or be somebody yourself: send a mail to birds-join@lists.localhost through ${server.addresses.smtp},
and find the answer in the outbox. Ctrl-C ends it and removes everything.
`;
}
