import { Resolver as SystemResolver } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import { LRUCache } from 'lru-cache';
import { createGate, type Gate } from './gate.ts';

/** Asks DNS so that neither a slow server nor a hostile zone costs more than a bounded time and memory. */
export interface DnsResolver {
  /**
   * The records of a name, from the cache where they are known. Throws DnsError, never anything else: `ENOTFOUND` (no such name),
   * `ENODATA` (none of that type), `ETIMEOUT` and `ESERVFAIL` (nobody knows just now).
   */
  resolve<T extends RecordType>(name: string, type: T, about?: About): Promise<DnsAnswers[T]>;
  close(): void;
}

export interface About {
  /** The organization whose name it is; default: the name. */
  readonly owner?: string;
  /**
   * What the owner asks for of mail in its name. Such questions wait behind no others: strangers choose how much else is asked of an owner, and
   * without this answer a forgery would be a mere doubt. Whoever asks must have a bound of their own.
   */
  readonly policy?: boolean;
}

export interface DnsAnswers {
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
  readonly MX: readonly { readonly exchange: string; readonly priority: number }[];
  /** Each record as its strings. */
  readonly TXT: readonly (readonly string[])[];
  readonly PTR: readonly string[];
}

export type RecordType = keyof DnsAnswers;
export type DnsErrorCode = 'ENOTFOUND' | 'ENODATA' | 'ETIMEOUT' | 'ESERVFAIL';

export class DnsError extends Error {
  override readonly name = 'DnsError';
  readonly code: DnsErrorCode;

  constructor(code: DnsErrorCode, question: string) {
    super(`${code} ${question}`);
    this.code = code;
  }
}

export interface ResolverOptions {
  /** `192.0.2.53` or `192.0.2.53:5353`; empty: the system's. */
  readonly servers: readonly string[];
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  readonly limits?: Partial<typeof defaultLimits>;
}

/** Times in milliseconds. */
const defaultLimits = {
  /** For one question, whatever the servers do. */
  timeout: 4000,
  /** Questions on their way at once, and waiting behind them; one more is not asked. */
  concurrent: 2000,
  waiting: 2000,
  /** The same for the names of one owner: whose servers do not answer must not keep others from being asked. */
  concurrentPerOwner: 50,
  waitingPerOwner: 50,
  /** Names kept, and the octets of their answers. */
  names: 10_000,
  bytes: 8 << 20,
  /** What one answer may hold: more is nobody's mail domain. */
  answerRecords: 100,
  answerBytes: 32 * 1024,
  /** Node tells the TTL of addresses only; what it does not tell is kept this long. */
  keep: 60_000,
  keepAtMost: 3_600_000,
  /** A name that does not exist (RFC 2308 gives its own time, which Node does not tell). */
  keepMissing: 30_000,
  /** A server that failed may be well again at once; until then it is left alone. */
  keepFailed: 5000,
};

type Limits = typeof defaultLimits;
type Found = { readonly answers: DnsAnswers[RecordType] } | { readonly error: DnsErrorCode };

export function createResolver(options: ResolverOptions): DnsResolver {
  const limits = { ...defaultLimits, ...options.limits };
  const system = new SystemResolver({ timeout: Math.ceil(limits.timeout / 3), tries: 2 });
  if (options.servers.length > 0) system.setServers(options.servers);
  const gate = createGate(limits.concurrent, limits.waiting);
  const gateOf = gatesByOwner(limits);
  const policies = createGate(limits.concurrent, limits.waiting);
  const underWay = new Map<string, Promise<Found>>();
  const cache = new LRUCache<string, Found>({
    max: limits.names,
    maxSize: limits.bytes,
    sizeCalculation: (found, key) => key.length + 64 + sizeOf(found),
    perf: { now: () => options.now() },
    ttlResolution: 0,
  });

  async function look(key: string, { name, type, owner = name, policy = false }: Asked): Promise<Found> {
    const gates = policy ? [policies] : [gateOf(owner), gate];
    const { found, keep } = await ask(system, { gates, limits, name, type });
    if (keep > 0) cache.set(key, found, { ttl: keep });
    return found;
  }

  return {
    async resolve(name, type, about = {}) {
      const ascii = asciiName(name);
      const key = `${type} ${ascii}`;
      if (ascii === undefined) throw new DnsError('ENOTFOUND', key);
      // SPF may lead to the same name: a policy must not wait for that one's turn.
      const turn = about.policy ? `policy ${key}` : key;
      let asked = cache.get(key) ?? underWay.get(turn);
      if (asked === undefined) {
        asked = look(key, { ...about, name: ascii, type }).finally(() => underWay.delete(turn));
        underWay.set(turn, asked);
      }
      const found = await asked;
      if ('error' in found) throw new DnsError(found.error, key);
      return found.answers as DnsAnswers[typeof type];
    },
    close: () => system.cancel(),
  };
}

interface Asked extends About {
  readonly name: string;
  readonly type: RecordType;
}

interface Question extends Pick<Asked, 'name' | 'type'> {
  /** The narrower one first: who waits there keeps nobody from the other. */
  readonly gates: readonly Gate[];
  readonly limits: Limits;
}

/** One for each owner of whom something is asked just now. */
function gatesByOwner(limits: Limits): (owner: string) => Gate {
  const gates = new Map<string, { readonly gate: Gate; users: number }>();
  return (owner) => ({
    async enter() {
      const own = gates.get(owner) ?? {
        gate: createGate(limits.concurrentPerOwner, limits.waitingPerOwner),
        users: 0,
      };
      gates.set(owner, own);
      own.users += 1;
      const done = () => {
        own.users -= 1;
        if (own.users === 0) gates.delete(owner);
      };
      const leave = await own.gate.enter();
      if (!leave) return void done();
      return () => {
        leave();
        done();
      };
    },
  });
}

/** Through one gate after the other, or through none. */
async function enterAll(gates: readonly Gate[]): Promise<(() => void) | undefined> {
  const left: (() => void)[] = [];
  const leaveAll = () => {
    for (const leave of left.splice(0).reverse()) leave();
  };
  for (const gate of gates) {
    const leave = await gate.enter();
    if (!leave) return void leaveAll();
    left.push(leave);
  }
  return leaveAll;
}

/** Never rejects; `keep`: for how long this is worth knowing, 0 where nobody was asked. */
async function ask(system: SystemResolver, question: Question): Promise<{ found: Found; keep: number }> {
  const { gates, limits, name, type } = question;
  const leave = await enterAll(gates);
  if (!leave) return { found: { error: 'ETIMEOUT' }, keep: 0 };
  const asked = send(system, { name, type }).finally(leave);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DnsError('ETIMEOUT', name)), limits.timeout);
  });
  try {
    const { answers, ttl } = await Promise.race([asked, late]);
    if (answers.length === 0) return { found: { error: 'ENODATA' }, keep: limits.keepMissing };
    if (answers.length > limits.answerRecords || sizeOf({ answers }) > limits.answerBytes)
      return { found: { error: 'ESERVFAIL' }, keep: limits.keep };
    const keep = ttl === undefined ? limits.keep : Math.min(ttl * 1000, limits.keepAtMost);
    return { found: { answers }, keep: Math.max(1, keep) };
  } catch (error) {
    const code = codeOf(error);
    const missing = code === 'ENOTFOUND' || code === 'ENODATA';
    return { found: { error: code }, keep: missing ? limits.keepMissing : limits.keepFailed };
  } finally {
    clearTimeout(timer);
  }
}

/** `ttl` in seconds, where Node tells it. */
async function send(
  system: SystemResolver,
  { name, type }: Pick<Asked, 'name' | 'type'>,
): Promise<{ answers: DnsAnswers[RecordType]; ttl?: number }> {
  switch (type) {
    case 'A':
      return withTtl(await system.resolve4(name, { ttl: true }));
    case 'AAAA':
      return withTtl(await system.resolve6(name, { ttl: true }));
    case 'MX':
      return { answers: await system.resolveMx(name) };
    case 'TXT':
      return { answers: await system.resolveTxt(name) };
    case 'PTR':
      return { answers: await system.resolvePtr(name) };
  }
}

function withTtl(records: readonly { readonly address: string; readonly ttl: number }[]) {
  const answers = records.map(({ address }) => address);
  return answers.length === 0 ? { answers } : { answers, ttl: Math.min(...records.map(({ ttl }) => ttl)) };
}

function codeOf(error: unknown): DnsErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'ETIMEOUT':
      return code;
    case 'ECANCELLED':
    case 'ECONNREFUSED': // nobody is there
      return 'ETIMEOUT';
    case 'EBADNAME': // c-ares refuses what no host may be called
      return 'ENOTFOUND';
    default:
      return 'ESERVFAIL';
  }
}

/** A name as it may be asked (RFC 1035 §2.3.4, A-labels for others), or undefined: nothing can have that name. */
export function asciiName(name: string): string | undefined {
  const plain = name.endsWith('.') ? name.slice(0, -1) : name;
  if (plain.length > 253) return undefined;
  // `domainToASCII` knows no `_dmarc`, and needs not: names with letters beyond ASCII only.
  const ascii = /^[\x21-\x7e]*$/.test(plain) ? plain.toLowerCase() : domainToASCII(plain);
  const labels = ascii.split('.');
  const good = labels.every((label) => label.length > 0 && label.length <= 63);
  return good && ascii.length <= 253 && !ascii.includes('\\') ? ascii : undefined;
}

function sizeOf(found: Found): number {
  return 'error' in found ? 8 : found.answers.reduce((sum, record) => sum + octetsOf(record), 0);
}

function octetsOf(record: DnsAnswers[RecordType][number]): number {
  if (typeof record === 'string') return record.length;
  if ('exchange' in record) return record.exchange.length + 2;
  return record.reduce((sum, text) => sum + text.length, 0);
}
