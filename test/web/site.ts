import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Log } from '../../src/domain/log.ts';
import type { Site } from '../../src/domain/site.ts';
import { readableText } from '../../src/mail/readable-text.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { readBody } from '../../src/store/bodies.ts';
import type { Store } from '../../src/store/store.ts';
import { createWeb } from '../../src/web/create-web.ts';
import type { WebDoor, WebOptions } from '../../src/web/door.ts';
import { createDesk, type Desk } from '../support/desk.ts';

/** The pages over a real store and real operations, on a port of their own. */
export interface TestSite {
  readonly desk: Desk;
  readonly port: number;
  /** What was logged as an error. */
  readonly errors: readonly object[];
  ask(path: string, how?: Asking): Promise<Answer>;
  post(path: string, fields: Readonly<Record<string, string>>, how?: Asking): Promise<Answer>;
  /** Every mail in the outbox, oldest first. */
  mails(): Promise<readonly { readonly to: string; readonly text: string }[]>;
  /** The 15 characters of the last link mailed to an address. */
  lastToken(email: string): Promise<string>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sent in pieces, without Content-Length. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface SiteOptions {
  readonly site?: Partial<Site>;
  readonly web?: Partial<WebOptions>;
  readonly door?: Partial<WebDoor>;
}

export async function startSite(store: Store, options: SiteOptions = {}): Promise<TestSite> {
  const desk = createDesk(store, options.site);
  const errors: object[] = [];
  const log: Log = { info() {}, warn() {}, error: (facts) => errors.push(facts) };
  const web = await createWeb(
    {
      listen: '127.0.0.1:0',
      baseUrl: desk.site.baseUrl,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
      ...options.web,
    },
    {
      perform: desk.perform,
      log,
      keys: desk.keys,
      now: () => desk.now,
      health: async () => ({ ok: true }),
      ...options.door,
    },
  );
  onTestFinished(() => web.close());
  const { port } = web.address;
  const mails = () => readMails(store);
  return {
    desk,
    port,
    errors,
    mails,
    ask: (path, how) => ask(port, path, how),
    post: (path, fields, how) => ask(port, path, formOf(fields, how)),
    lastToken: async (email) => {
      const link = (await mails()).findLast(({ to }) => to === email)?.text.match(/\/c\/([0-9a-z]{15})/);
      if (!link?.[1]) throw new Error(`no link was mailed to ${email}`);
      return link[1];
    },
  };
}

/** `birds@lists.example.org`, owned by owner@example.net. */
export async function makeList(desk: Desk, settings: Readonly<Record<string, string>> = {}): Promise<number> {
  const { listId } = await desk.operate(createList, {
    address: 'birds@lists.example.org',
    title: 'Birds',
    purpose: 'Swifts, mostly.',
    owners: ['owner@example.net'],
  });
  if (Object.keys(settings).length > 0) {
    await desk.operate(setList, { list: 'birds@lists.example.org', changes: settings });
  }
  return listId;
}

/** What a browser sends for a form. */
function formOf(fields: Readonly<Record<string, string>>, how: Asking = {}): Asking {
  return {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    ...how,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...how.headers },
  };
}

function ask(port: number, path: string, how: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body = '', chunked } = how;
    const length = chunked || method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const asking = request({ port, path, method, headers: { ...length, ...how.headers } });
    asking.once('error', reject);
    asking.once('response', (response) => {
      text(response).then(
        (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: read }),
        reject,
      );
    });
    if (chunked) asking.write(body);
    asking.end(chunked ? undefined : body);
  });
}

async function readMails(store: Store): Promise<readonly { to: string; text: string }[]> {
  return store.read(async (db) => {
    const rows = await db
      .selectFrom('deliveries')
      .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
      .select(['deliveries.recipient', 'mailings.body_id'])
      .orderBy('deliveries.id')
      .execute();
    const mails: { to: string; text: string }[] = [];
    for (const row of rows) {
      const raw = await readBody(db, row.body_id);
      mails.push({ to: row.recipient, text: readableText(raw ?? Buffer.alloc(0)) });
    }
    return mails;
  });
}
