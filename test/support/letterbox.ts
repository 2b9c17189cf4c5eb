import type { Address } from '../../src/domain/address.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { CheckedMail, Peer, RecipientResult } from '../../src/domain/incoming.ts';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { readableText } from '../../src/mail/readable-text.ts';
import { acceptMail } from '../../src/operations/incoming/accept-mail.ts';
import { resolveMailbox } from '../../src/operations/incoming/resolve-mailbox.ts';
import { readBody } from '../../src/store/bodies.ts';
import type { Desk } from './desk.ts';

/** Mail in and out of operations without sockets: what a door would hand over, and what the outbox then holds. */

export interface Letter {
  readonly from: string;
  /** One or several envelope recipients; the first stands in To. */
  readonly to: string | readonly string[];
  readonly subject?: string;
  readonly text?: string;
  /** Further header lines, without line ends. */
  readonly headers?: readonly string[];
  /** Default: the address in `from`. */
  readonly envelopeSender?: string;
  readonly messageId?: string;
  readonly peer?: Partial<Peer>;
  /** A whole mail with CRLF line ends, instead of one made of the above. */
  readonly raw?: Buffer;
  /** Default: nobody looked. */
  readonly checks?: Partial<Checks>;
}

/** Checks of a mail whose author is who the From says. */
export const proved: Partial<Checks> = {
  identity: { ...unchecked.identity, class: 'verified', why: 'DKIM of its domain matches the From' },
};

export interface Sent {
  readonly to: string;
  readonly kind: string;
  readonly returnPath: string;
  readonly subject: string;
  readonly from: string;
  readonly text: string;
  readonly raw: Buffer;
  header(name: string): string | undefined;
}

let letters = 0;

/** Hands a mail over as a door would. Throws when a recipient is refused at RCPT. */
export async function deliver(desk: Desk, letter: Letter): Promise<readonly RecipientResult[]> {
  return afterRcpt(desk, await incoming(desk, letter));
}

/** What follows DATA, however long after RCPT that is. */
export async function afterRcpt(desk: Desk, mail: CheckedMail): Promise<readonly RecipientResult[]> {
  const author = mail.facts.author?.email;
  const kind = mail.checks.identity.class === 'verified' ? 'verified' : 'claimed';
  const actor = author
    ? ({ kind, email: author } as const)
    : ({ kind: 'visitor', ip: mail.peer.ip } as const);
  return desk.perform(acceptMail, actor, mail);
}

/** The same, for a mail with one recipient. */
export async function deliverOne(desk: Desk, letter: Letter): Promise<RecipientResult> {
  const [result] = await deliver(desk, letter);
  if (!result) throw new Error('there was no recipient');
  return result;
}

/** Everything put into the outbox since the last call, oldest first; posts once for each recipient. */
export async function takeOutbox(desk: Desk): Promise<readonly Sent[]> {
  const after = taken.get(desk) ?? 0;
  const rows = await desk.store.read((db) =>
    db
      .selectFrom('deliveries')
      .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
      .select(['deliveries.id', 'recipient', 'kind', 'body_id', 'return_path'])
      .where('deliveries.id', '>', after)
      .orderBy('deliveries.id')
      .execute(),
  );
  taken.set(desk, rows.at(-1)?.id ?? after);
  const sent: Sent[] = [];
  for (const row of rows) {
    const raw = await desk.store.read((db) => readBody(db, row.body_id));
    if (raw) sent.push(readSent(row, raw));
  }
  return sent;
}

const taken = new WeakMap<Desk, number>();

/** The token in a mail of ours: in its link, or in the address that replies go to. */
export function tokenIn(sent: Sent | undefined): string {
  const token = /\/c\/([0-9a-z]{15})/.exec(sent?.text ?? '')?.[1];
  if (!token) throw new Error(`no token in: ${sent?.subject} ${sent?.text}`);
  return token;
}

/** A mail up to RCPT: its recipients mean what they mean now. */
export async function incoming(desk: Desk, letter: Letter): Promise<CheckedMail> {
  const to = typeof letter.to === 'string' ? [letter.to] : letter.to;
  const raw = letter.raw ?? render(desk, letter, to[0] ?? '');
  const facts = readFacts(raw, readHead(raw), desk.site.hostname);
  const recipients = [];
  for (const address of to) {
    const mailbox = await desk.perform(resolveMailbox, { kind: 'system' }, { address });
    if (mailbox.kind === 'refused')
      throw new Error(`${address}: ${mailbox.code} ${mailbox.enhanced} ${mailbox.why}`);
    recipients.push({ address, mailbox });
  }
  return {
    envelopeSender: (letter.envelopeSender ?? facts.author?.email ?? '') as Address | '',
    recipients,
    raw,
    facts,
    peer: {
      protocol: 'smtp',
      ip: '192.0.2.7',
      helo: 'mx.example.com',
      trusted: false,
      tls: true,
      ...letter.peer,
    },
    checks: { ...unchecked, ...letter.checks },
  };
}

function render(desk: Desk, letter: Letter, to: string): Buffer {
  letters++;
  const { from, subject = '', text = '', headers = [], messageId = `letter-${letters}@example.com` } = letter;
  const lines = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${new Date(desk.now).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${messageId}>`,
    ...headers,
    '',
    ...text.split('\n'),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

function readSent(row: { recipient: string; kind: string; return_path: string }, raw: Buffer): Sent {
  const head = readHead(raw);
  const header = (name: string) => findField(head, name.toLowerCase())?.value;
  return {
    to: row.recipient,
    kind: row.kind,
    returnPath: row.return_path,
    subject: decodeHeader(header('subject') ?? ''),
    from: header('from') ?? '',
    text: readableText(raw),
    raw,
    header,
  };
}
