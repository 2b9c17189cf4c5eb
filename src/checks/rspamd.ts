import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { SpamReport } from '../domain/checks.ts';
import type { IncomingMail } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import { countSeldom } from '../domain/seldom.ts';

export interface Rspamd {
  /** What it thinks of the mail; undefined where it does not answer in time or makes no sense. Never rejects. */
  judge(mail: IncomingMail): Promise<SpamReport | undefined>;
  close(): void;
}

export interface RspamdOptions {
  /** `http://127.0.0.1:11333` */
  readonly url: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds. Default 10 s. */
  readonly timeout?: number;
}

/** An answer is a few kilobytes. */
const mostAnswer = 1 << 20;
const mostRecipients = 100;

/** Asks rspamd's normal worker (POST /checkv2). */
export function createRspamd(options: RspamdOptions): Rspamd {
  const url = new URL('checkv2', options.url.endsWith('/') ? options.url : `${options.url}/`);
  const secure = url.protocol === 'https:';
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 50 });
  const warn = oncePerMinute(options);
  const timeout = options.timeout ?? 10_000;

  /** A connection that was kept may have been closed from the other side just now: tried once more. */
  async function ask(mail: IncomingMail, again = true): Promise<string> {
    const request = (secure ? requestHttps : requestHttp)(url, {
      agent,
      method: 'POST',
      headers: headersFor(mail),
      signal: AbortSignal.timeout(timeout),
    });
    try {
      return await new Promise<string>((resolve, reject) => {
        request.on('error', reject);
        request.on('response', (response) => readAnswer(response).then(resolve, reject));
        request.end(mail.raw);
      });
    } catch (error) {
      request.destroy();
      const reset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (again && reset && request.reusedSocket) return ask(mail, false);
      throw error;
    }
  }

  return {
    async judge(mail) {
      try {
        return readReport(await ask(mail));
      } catch (err) {
        warn(err);
        return undefined;
      }
    },
    close: () => agent.destroy(),
  };
}

/** What it knows of the transaction besides the mail (rspamd, "Protocol"). */
function headersFor({ envelopeSender, recipients, raw, facts, peer }: IncomingMail) {
  return {
    'content-length': raw.length,
    // Of a front MTA it would make all mail our own, which rspamd judges mildly.
    ...(peer.ip && (!peer.trusted || peer.clientTold) ? { IP: peer.ip } : {}),
    Helo: printable(peer.helo),
    From: `<${octets(envelopeSender)}>`,
    Rcpt: recipients.slice(0, mostRecipients).map(({ address }) => `<${octets(address)}>`),
    'Queue-Id': facts.sha256.toString('hex', 0, 8),
  };
}

/** Whoever sent it chose it: nothing of it may end or bend a header. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}

/** An address outside ASCII goes as its octets: for characters beyond Latin-1 Node refuses the request, and such mail would pass unjudged. */
function octets(address: string): string {
  return Buffer.from(address.replace(/\p{Cc}/gu, '?').slice(0, 500)).toString('latin1');
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostAnswer) throw new Error(`its answer is longer than ${mostAnswer} bytes`);
    chunks.push(chunk);
  }
  if (response.statusCode !== 200) throw new Error(`it answers with status ${response.statusCode}`);
  return Buffer.concat(chunks).toString('utf8');
}

const actions: ReadonlyMap<unknown, SpamReport['action']> = new Map([
  ['no action', 'accept'],
  ['greylist', 'later'],
  ['soft reject', 'later'],
  ['add header', 'mark'],
  ['rewrite subject', 'mark'],
  ['quarantine', 'mark'],
  ['reject', 'reject'],
  ['discard', 'reject'],
]);

function readReport(answer: string): SpamReport {
  const report: unknown = JSON.parse(answer);
  if (!isObject(report)) throw new Error('its answer is no report');
  const action = actions.get(report.action);
  if (!action) throw new Error(`it knows an action that we do not: ${String(report.action).slice(0, 100)}`);
  return { action, score: scoreOf(report), symbols: readSymbols(report.symbols) };
}

function readSymbols(symbols: unknown): string[] {
  return Object.entries(isObject(symbols) ? symbols : {})
    .map(([name, found]) => ({ name, score: scoreOf(found) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 10)
    .map(({ name }) => printable(name).slice(0, 80));
}

function scoreOf(found: unknown): number {
  const score = isObject(found) ? found.score : undefined;
  return typeof score === 'number' && Number.isFinite(score) ? score : 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oncePerMinute({ log, now, url }: RspamdOptions): (err: unknown) => void {
  const isDue = countSeldom(60_000);
  return (err) => {
    const unjudged = isDue(now());
    if (unjudged !== undefined)
      log.warn({ err, rspamd: url, unjudged }, 'rspamd did not judge: mail is taken without it');
  };
}
