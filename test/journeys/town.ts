/** A server, a next hop that keeps all its mail, and the people who write to it and read what it sends them. */
import { beforeAll } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import { readableText } from '../../src/mail/readable-text.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { type ServerInput, startTestServer, type TestServer } from '../support/server.ts';
import { openSink, type Sink, type SinkOptions, type SunkMail } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

export interface Town extends Pick<TestServer, 'operate' | 'browse'> {
  readonly server: TestServer;
  readonly sink: Sink;
  /** `Alice Liddell <alice@example.com>`, or the address alone. */
  person(written: string): Person;
  /** `birds@lists.example.org`, called "Birds", owned by olga@example.org. */
  makeList(
    name: string,
    members?: readonly Person[],
    settings?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** As the operator, without asking them. */
  addTo(name: string, members: readonly Person[]): Promise<void>;
  /** The addresses on a list, in alphabetical order. */
  membersOf(name: string): Promise<readonly string[]>;
  /** Presses the button of the page behind a link in a mail; the text of the page that follows. */
  press(link: string | undefined, button?: string): Promise<string>;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** Sends a mail. */
  writes(letter: LetterOut): Promise<Sent>;
  /** Answers a mail as a mail program does: to its From, with `Re:`, and the thread's headers. */
  answers(mail: LetterIn, letter: Partial<LetterOut>): Promise<Sent>;
  /** What has arrived since they last looked, oldest first, once the server has nothing more to do. */
  newMail(): Promise<readonly LetterIn[]>;
  /** The one mail that has arrived since, whose subject must match; throws when it is another, or not one. */
  oneMail(subject: RegExp | string): Promise<LetterIn>;
}

export interface LetterOut {
  readonly to: string;
  /** Further envelope recipients, not in the header. */
  readonly alsoTo?: readonly string[];
  /** Envelope sender, where it is not the address in From. */
  readonly envelopeFrom?: string;
  readonly from?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly messageId?: string;
  /** Message-ID without angle brackets. */
  readonly inReplyTo?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Sent {
  /** The server's last reply, e.g. `250 2.0.0 accepted as 1`. */
  readonly answer: string;
  /** Without angle brackets. */
  readonly messageId: string;
}

export interface LetterIn {
  readonly returnPath: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Bytes, one character an octet. */
  readonly data: string;
  /** Unfolded value of the first field of that name; '' when there is none. */
  header(name: string): string;
  /** The first link into `/c/` in its text. */
  readonly link: string | undefined;
}

const domain = 'lists.example.org';

interface TownInput extends Omit<ServerInput, 'smarthost'> {
  /** What the next hop offers. */
  readonly nextHop?: Pick<SinkOptions, 'utf8' | 'eightBitMime'>;
}

export async function startTown({ nextHop, ...input }: TownInput = {}): Promise<Town> {
  const { whenDone } = input;
  const sink = await openSink({ ...nextHop, ...(whenDone && { whenDone }) });
  const server = await startTestServer({ ...input, smarthost: sink.url });
  const { operate, browse } = server;
  async function addTo(name: string, members: readonly Person[]): Promise<void> {
    const entries = members.map((member) => ({ email: member.email, name: member.name }));
    await operate(addMembers, { list: `${name}@${domain}`, members: entries });
  }
  return {
    server,
    sink,
    operate,
    browse,
    person: (written) => createPerson(server, sink, written),
    async makeList(name, members = [], settings = {}) {
      const address = `${name}@${domain}`;
      await operate(createList, { address, owners: ['olga@example.org'] });
      if (Object.keys(settings).length > 0) await operate(setList, { list: address, changes: settings });
      if (members.length > 0) await addTo(name, members);
    },
    addTo,
    async membersOf(name) {
      const { members } = await operate(listMembers, { list: `${name}@${domain}` });
      return members.map(({ email }) => email).sort();
    },
    async press(link, button = 'yes') {
      if (!link) throw new Error('there is no link to press');
      const token = link.slice(link.lastIndexOf('/') + 1);
      const page = await browse(link, {
        method: 'POST',
        body: new URLSearchParams({ token, answer: button }),
      });
      return page.text();
    },
  };
}

/** One town for all tests of the group, which then tell a story in their order. Read `.town` inside a test only. */
export function sharedTown(input: Omit<TownInput, 'whenDone'> = {}): { readonly town: Town } {
  let town: Town | undefined;
  beforeAll(async () => {
    const undoing: (() => Promise<void> | void)[] = [];
    town = await startTown({ ...input, whenDone: (undo) => undoing.push(undo) });
    return async () => {
      for (const undo of undoing.reverse()) await undo();
    };
  });
  return {
    get town() {
      if (!town) throw new Error('the town is not there yet');
      return town;
    },
  };
}

/** Every letter is another, whoever writes it. */
let letters = 0;

function createPerson(server: TestServer, sink: Sink, written: string): Person {
  const [, name = '', email = written] = /^(.*?) ?<(.+)>$/.exec(written) ?? [];
  let seen = sink.mails.length;
  const person: Person = {
    name,
    email,
    async writes(letter) {
      const messageId = letter.messageId ?? `letter${++letters}.${email}`;
      const raw = compose({ from: written, ...letter, messageId });
      const to = [letter.to, ...(letter.alsoTo ?? [])];
      return {
        answer: await submit(server.smtpPort, { from: letter.envelopeFrom ?? email, to, raw }),
        messageId,
      };
    },
    answers: (mail, letter) => {
      const inReplyTo = mail.header('message-id').slice(1, -1);
      const to = /<(.+)>/.exec(mail.header('from'))?.[1] ?? mail.header('from');
      return person.writes({ to, subject: `Re: ${mail.subject}`, inReplyTo, ...letter });
    },
    async newMail() {
      await server.idle();
      const mails = sink.mails.slice(seen).filter((mail) => mail.to.includes(email));
      seen = sink.mails.length;
      return mails.map((mail) => toLetter(mail, email));
    },
    async oneMail(subject) {
      const mails = await person.newMail();
      const [mail] = mails;
      const fits =
        mail && (typeof subject === 'string' ? mail.subject === subject : subject.test(mail.subject));
      if (mails.length === 1 && mail && fits) return mail;
      const found = mails.map((each) => `“${each.subject}”`).join(', ') || 'none';
      throw new Error(`${email} should have one new mail with the subject ${subject}, and has: ${found}`);
    },
  };
  return person;
}

function compose(letter: LetterOut & { from: string; messageId: string }): string {
  const { from, to, subject = '', text = '', html, messageId, inReplyTo, headers = {} } = letter;
  const fields: Record<string, string> = {
    From: from,
    To: to,
    Subject: subject,
    'Message-ID': `<${messageId}>`,
    Date: new Date().toUTCString().replace('GMT', '+0000'),
    ...(inReplyTo ? { 'In-Reply-To': `<${inReplyTo}>`, References: `<${inReplyTo}>` } : {}),
    'MIME-Version': '1.0',
    'Content-Type': `text/${html === undefined ? 'plain' : 'html'}; charset=utf-8`,
    ...headers,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head.join('')}\r\n${(html ?? text).replace(/\r?\n/g, '\r\n')}\r\n`;
}

function toLetter(mail: SunkMail, to: string): LetterIn {
  const raw = Buffer.from(mail.data, 'latin1');
  const head = readHead(raw);
  const header = (name: string) => findField(head, name.toLowerCase())?.value ?? '';
  const text = readableText(raw).replaceAll('\r\n', '\n');
  return {
    returnPath: mail.from,
    to,
    subject: decodeHeader(header('subject')),
    text,
    data: mail.data,
    header,
    link: /https:\/\/[^\s]+\/c\/[0-9a-z]+/.exec(text)?.[0],
  };
}
