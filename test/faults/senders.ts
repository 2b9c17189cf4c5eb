import { RawClient } from '../receive/raw-client.ts';
import type { Ledger } from './ledger.ts';

export interface Load {
  readonly ledger: Ledger;
  /** Where the server listens now; waits while it does not. */
  port(): Promise<number>;
  /** Senders at the same time, each with a connection of its own. */
  readonly senders: number;
  /** Posts of all senders together. */
  readonly posts: number;
  /** Local parts of the lists that they write to in turn. */
  readonly lists: readonly string[];
  /** A message has been sent whole; its answer is awaited. */
  sent?(): void;
  /** A post was answered with 250. */
  accepted?(): void;
}

/**
 * Posts as a mail server does: one after another over a kept connection, and again after a temporary refusal and after a lost
 * connection, for then nobody knows. Resolves when each has been answered 250; throws at a refusal for good.
 */
export async function postAll(load: Load): Promise<void> {
  const numbers = Array.from({ length: load.posts }, (_, i) => i).values();
  await Promise.all(Array.from({ length: load.senders }, () => sendFrom(numbers, load)));
}

/** One post over a connection of its own; its reply, or undefined when the connection was lost. */
export async function postOnce(port: number, post: Post): Promise<string | undefined> {
  const client = await greeted(port);
  if (!client) return undefined;
  const reply = await send(client, post);
  client.destroy();
  return reply;
}

export interface Post {
  readonly messageId: string;
  /** Local part. */
  readonly list: string;
  /** Decides what it says; 7, 15, 23 … are long ones: several pages of the database, several packets. */
  readonly number?: number;
}

let batches = 0;

async function sendFrom(numbers: Iterable<number>, load: Load): Promise<void> {
  const batch = ++batches;
  let client: RawClient | undefined;
  for (const number of numbers) {
    const messageId = `${batch}.${number}@client.example`;
    const list = load.lists[number % load.lists.length] ?? '';
    const post = load.ledger.open(messageId, list);
    for (let accepted = false; !accepted; ) {
      client ??= await greeted(await load.port());
      const reply = client && (await send(client, { messageId, list, number }, load.sent));
      if (client) post.replies.push(reply ?? 'lost');
      if (reply?.startsWith('5')) throw new Error(`${messageId}: ${reply}`);
      accepted = reply?.startsWith('250') ?? false;
      if (accepted) load.accepted?.();
      if (reply === undefined || reply.startsWith('421')) client = undefined;
    }
  }
  client?.destroy();
}

/** Undefined where the server has gone meanwhile. */
async function greeted(port: number): Promise<RawClient | undefined> {
  try {
    const client = await RawClient.open({ host: '127.0.0.1', port });
    await client.reply();
    await client.say('EHLO client.example');
    return client;
  } catch {
    return undefined;
  }
}

/** The reply to the whole message, or that to the command which failed; undefined when the connection was lost. */
async function send(client: RawClient, post: Post, sent?: () => void): Promise<string | undefined> {
  const envelope = ['MAIL FROM:<poster@client.example>', `RCPT TO:<${post.list}@lists.example.org>`, 'DATA'];
  for (const line of envelope) {
    const reply = await client.say(line);
    if (!reply || !/^[23]/.test(reply)) return reply;
  }
  client.write(`${messageOf(post)}\r\n.\r\n`);
  sent?.();
  return client.reply();
}

export function messageOf({ messageId, list, number = 0 }: Post): string {
  const lines = [
    'From: Poster <poster@client.example>',
    `To: ${list}@lists.example.org`,
    `Subject: Post ${number}`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    `Message-ID: <${messageId}>`,
    '',
    ...Array.from({ length: number % 8 === 7 ? 600 : 3 }, (_, i) => `Line ${i} of post ${number}.`),
  ];
  return lines.join('\r\n');
}
