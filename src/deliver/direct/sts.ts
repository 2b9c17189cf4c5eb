import { LRUCache } from 'lru-cache';
import type { DnsResolver } from '../../dns/resolver.ts';
import type { Log } from '../../domain/log.ts';
import { parseStsPolicy, readStsId, type StsPolicy } from '../../domain/sts-policy.ts';
import type { Store } from '../../store/store.ts';
import { findStsPolicy, type StoredPolicy, saveStsPolicy } from '../../store/sts-policies.ts';

/** What domains demand of TLS (RFC 8461), kept as long as they say, restarts included. */
export interface Sts {
  /** Undefined where it demands nothing, or nothing that could be found out. Never rejects. */
  policyOf(domain: string): Promise<StsPolicy | undefined>;
}

export interface StsParts {
  readonly store: Store;
  readonly resolver: DnsResolver;
  readonly log: Log;
  fetch(domain: string): Promise<string>;
  now(): number;
}

/** RFC 8461 §3.3: a policy that could not be fetched is not asked for again within five minutes. */
const afterFailure = 5 * 60_000;

export function createSts(parts: StsParts): Sts {
  const { store, resolver, log, now } = parts;
  const failedAt = new LRUCache<string, number>({ max: 1_000 });

  async function fetchFresh(domain: string, policyId: string): Promise<StoredPolicy | undefined> {
    if (now() - (failedAt.get(domain) ?? Number.NEGATIVE_INFINITY) < afterFailure) return undefined;
    try {
      const text = await parts.fetch(domain);
      const policy = parseStsPolicy(text);
      if (!policy) throw new Error('the policy file is no policy');
      const stored = { policyId, text, expiresAt: now() + policy.maxAge };
      await store.write((tx) => saveStsPolicy(tx, domain, stored, now()));
      return stored;
    } catch (error) {
      failedAt.set(domain, now());
      log.warn({ domain, err: error }, 'The MTA-STS policy of a domain could not be fetched.');
      return undefined;
    }
  }

  async function find(domain: string): Promise<StoredPolicy | undefined> {
    const kept = await store.read((db) => findStsPolicy(db, domain));
    const valid = kept && kept.expiresAt > now() ? kept : undefined;
    const id = await currentId(domain, resolver);
    // RFC 8461 §5.1: without a record, or with one that cannot be followed, what was promised before still holds.
    if (id === undefined || id === valid?.policyId) return valid;
    return (await fetchFresh(domain, id)) ?? valid;
  }

  return {
    async policyOf(domain) {
      try {
        const found = await find(domain);
        return found && parseStsPolicy(found.text);
      } catch (error) {
        log.error({ domain, err: error }, 'The MTA-STS policies could not be read.');
        return undefined;
      }
    },
  };
}

async function currentId(domain: string, resolver: DnsResolver): Promise<string | undefined> {
  try {
    return readStsId(await resolver.resolve(`_mta-sts.${domain}`, 'TXT'));
  } catch {
    return undefined;
  }
}
