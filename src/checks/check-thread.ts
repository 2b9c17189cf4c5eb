import { parentPort } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { asciiName, DnsError } from '../dns/resolver.ts';
import { findAttachments } from '../mail/attachment-dangers.ts';
import { bufferOf, discard } from '../mail/thread-bytes.ts';
import type { Ask } from './ask.ts';
import { askOwner, authenticate } from './authenticate.ts';
import { boundAsk } from './bounded-ask.ts';
import type {
  CheckRequest,
  CheckResult,
  DnsAnswer,
  DnsQuestion,
  FromThread,
  ToThread,
} from './check-request.ts';
import { organizationalDomain } from './organization.ts';

// The entry of a worker thread of check-pool.ts: it checks several mails at a time, because most of the time they wait for DNS, which
// the main thread asks for all of them.
const port = parentPort;
const say = (message: FromThread) => port?.postMessage(message);
const pending = new Map<number, (answer: DnsAnswer) => void>();
let unasked: DnsQuestion[] = [];
let lastQuestion = 0;

port?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'check':
      check(message.bytes, message.request).then(
        (result) => say({ kind: 'checked', id: message.id, result }),
        (error: unknown) =>
          say({
            kind: 'failed',
            id: message.id,
            why: error instanceof Error ? error.message : String(error),
          }),
      );
      return;
    case 'answers':
      for (const answer of message.answers) pending.get(answer.id)?.(answer);
      return;
    case 'ping':
      say({ kind: 'pong' });
  }
});
say({ kind: 'ready' });

async function check(bytes: Uint8Array, request: CheckRequest): Promise<CheckResult> {
  const raw = bufferOf(bytes);
  const bounded = boundAsk(askMain);
  try {
    const [authentication, owner] = await Promise.all([
      request.authentication && authenticate(raw, request.authentication, bounded.ask),
      request.owner && askOwner(request.owner, bounded.ask),
    ]);
    const attachments = request.attachments ? findAttachments(raw) : [];
    discard(raw);
    return { ...(authentication && { authentication }), ...(owner && { owner }), attachments };
  } finally {
    bounded.close();
  }
}

/**
 * What was answered a moment ago is not asked again: each message costs both threads, and most mail comes from few places. The cache of
 * the main thread knows how long an answer holds; this one forgets within seconds.
 */
const lately = new LRUCache<string, readonly unknown[]>({ max: 1000, ttl: 5000 });

/** The questions of one turn of the event loop go over together. */
const askMain: Ask = async (name, type, purpose) => {
  const key = `${type} ${name}`;
  const known = lately.get(key);
  if (known) return known as never;
  const records = await new Promise<readonly unknown[]>((resolve, reject) => {
    lastQuestion += 1;
    const id = lastQuestion;
    pending.set(id, (answer) => {
      pending.delete(id);
      if ('error' in answer) reject(new DnsError(answer.error, name));
      else resolve(answer.records);
    });
    if (unasked.length === 0) setImmediate(sendQuestions);
    unasked.push({ id, name, type, about: { owner: ownerOf(name), policy: purpose === 'policy' } });
  });
  lately.set(key, records);
  return records as never;
};

/** Whoever writes a mail makes up selectors, ten of a domain and more: what these use up, SPF of the same organization would lack. */
function ownerOf(name: string): string {
  const organization = organizationalDomain(asciiName(name) ?? name);
  return name.includes('._domainkey.') ? `_domainkey.${organization}` : organization;
}

function sendQuestions(): void {
  const questions = unasked;
  unasked = [];
  say({ kind: 'ask', questions });
}
