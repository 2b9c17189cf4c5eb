import { mkdtemp, rm } from 'node:fs/promises';
import type { NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMail, Recipient, RecipientResult } from '../../src/domain/incoming.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { answerQuestion, readRecipient } from '../../src/domain/resolve-mailbox.ts';
import type { Door } from '../../src/receive/door.ts';
import { createListeners, type ListenerOptions, type Listeners } from '../../src/receive/listener.ts';
import { plainSite } from '../support/plain.ts';
import { RawClient } from './raw-client.ts';

export const hostname = 'lists.example.org';
const site = { ...plainSite, hostname, domains: [hostname] as const, maxMessageBytes: 1024 * 1024 };

/** What stands behind the door in these tests: lists that are there, named after what they do with mail. */
const outcomes: Record<string, (id: number) => RecipientResult> = {
  birds: (id) => ({ kind: 'accepted', id, note: '' }),
  bees: (id) => ({ kind: 'accepted', id, note: '' }),
  holds: (id) => ({ kind: 'held', id, note: 'not a member' }),
  drops: () => ({ kind: 'dropped', note: 'loop' }),
  refuses: () => ({ kind: 'refused', code: 550, enhanced: '5.7.1', why: 'Only members may post' }),
  later: () => ({ kind: 'refused', code: 450, enhanced: '4.7.1', why: 'Too many posts today' }),
  busy: () => {
    throw new Refusal('busy', 'the database is locked');
  },
  broken: () => {
    throw new Error('secret detail');
  },
};

export interface TestDoor extends Door {
  readonly mails: IncomingMail[];
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  /** Resolves with the next log line of that message. */
  heard(message: string): Promise<object>;
  /** While set, every `accept` waits for it. */
  gate: Promise<void> | undefined;
}

export function createTestDoor(): TestDoor {
  const mails: IncomingMail[] = [];
  const logged: TestDoor['logged'] = [];
  const waiting = new Map<string, (fields: object) => void>();
  const line = (level: string) => (fields: object, message: string) => {
    logged.push({ level, fields, message });
    waiting.get(message)?.(fields);
  };
  const door: TestDoor = {
    mails,
    logged,
    gate: undefined,
    heard: (message) => new Promise((resolve) => waiting.set(message, resolve)),
    now: () => Date.now(),
    log: { info: line('info'), warn: line('warn'), error: line('error') },
    async resolve(address) {
      const reading = readRecipient(address, site);
      if (reading.kind !== 'question') return reading;
      const lists = Object.keys(outcomes).map((name, i) => ({
        id: i,
        name,
        domain: hostname,
        asked: name,
        closed: false,
        deleted: false,
      }));
      return answerQuestion(reading, lists, site);
    },
    async accept(mail) {
      await door.gate;
      // What is in memory now is given back afterwards, so keep a copy.
      const results = mail.recipients.map((recipient, i) => judge(recipient, 100 * (mails.length + 1) + i));
      mails.push({ ...mail, raw: Buffer.from(mail.raw) });
      return results;
    },
  };
  return door;
}

function judge({ mailbox }: Recipient, id: number): RecipientResult {
  const name = 'list' in mailbox ? mailbox.list.name : 'birds';
  return outcomes[name]?.(id) ?? { kind: 'dropped', note: '' };
}

export interface Started {
  readonly door: TestDoor;
  readonly listeners: Listeners;
  readonly folder: string;
  /** Where the first listener is. */
  readonly at: NetConnectOpts;
  client(): Promise<RawClient>;
  stop(): Promise<void>;
}

export async function start(
  options: Partial<ListenerOptions> = {},
  listen: typeof createListeners = createListeners,
): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'listwright-receive-'));
  const door = createTestDoor();
  const listeners = await listen(
    {
      hostname,
      listen: options.lmtp ? [] : ['127.0.0.1:0'],
      lmtp: [],
      maxSize: 1024 * 1024,
      maxConnections: 1000,
      connectionsPerIp: 20,
      trustedRelays: [],
      proxyProtocol: [],
      incomingDir: join(folder, 'incoming'),
      ...options,
    },
    door,
  );
  const [first] = listeners.addresses;
  if (!first) throw new Error('nothing listens');
  const at = first.kind === 'tcp' ? { host: first.host, port: first.port } : { path: first.path };
  return {
    door,
    listeners,
    folder,
    at,
    client: () => RawClient.open(at),
    async stop() {
      await listeners.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A small valid message, CRLF, with what the test wants in its body. */
export function message(body = 'Hello.\r\n'): string {
  return `From: Alice <alice@example.com>\r\nTo: birds@${hostname}\r\nSubject: Hi\r\nMessage-ID: <1@example.com>\r\n\r\n${body}`;
}

/** A client after its greeting. The server counts a connection out a moment after the client saw it close, so this asks again. */
export async function greetedClient(client: () => Promise<RawClient>): Promise<RawClient> {
  for (let tries = 0; tries < 100; tries++) {
    const peer = await client();
    const greeting = await peer.reply();
    if (greeting?.startsWith('220')) return peer;
    peer.destroy();
  }
  throw new Error('no connection was counted out');
}
