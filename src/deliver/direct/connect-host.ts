import { LRUCache } from 'lru-cache';
import type { DnsResolver } from '../../dns/resolver.ts';
import { inOrder } from '../../domain/mail-hosts.ts';
import type { Network } from '../../domain/network.ts';
import type { Answer } from '../../domain/outcome.ts';
import { isReachable } from '../../domain/public-address.ts';
import { type Connected, connect, type Refused, type TlsUse } from '../connect.ts';
import type { MailGroup } from './directory.ts';

export interface HostConnector {
  /** Opens a connection to the first host of the group that takes one. Never rejects. */
  connect(group: MailGroup, signal: AbortSignal): Promise<Connected>;
}

export interface HostConnectorParts {
  readonly resolver: DnsResolver;
  /** Our name in EHLO. */
  readonly hostname: string;
  /** 25, but in tests. */
  readonly port: number;
  /** Networks of our own that mail may go to. */
  readonly privateNetworks: readonly Network[];
  /** For each address, up to the answer to EHLO, in milliseconds. */
  readonly timeout: number;
  /** Trusted beside the usual authorities: PEM. */
  readonly ca?: string | undefined;
  now(): number;
  random(): number;
}

/** Addresses of a host, and connections tried for one group, at most: each may cost the whole time. */
const mostAddresses = 4;
const mostTries = 8;
/** And the whole time at most, over all of them: silent ones hold a connection that others could use. */
const mostTimes = 2;
/** A host whose TLS is broken is spoken to in plain text for so long, where nothing demands more. In milliseconds. */
const plainFor = 3_600_000;

export function createHostConnector(parts: HostConnectorParts): HostConnector {
  const { resolver, hostname, port, timeout, ca } = parts;
  const plainUntil = new LRUCache<string, number>({ max: 1_000 });

  /** IPv6 first (RFC 6724 §2.1 prefers it), then IPv4. */
  async function addressesOf(host: string): Promise<{ readonly addresses: string[]; readonly why: string }> {
    const found: string[] = [];
    const whys: string[] = [];
    for (const type of ['AAAA', 'A'] as const) {
      try {
        found.push(...(await resolver.resolve(host, type)).slice(0, mostAddresses));
      } catch (error) {
        whys.push(error instanceof Error ? error.message : String(error));
      }
    }
    const addresses = found.filter((ip) => isReachable(ip, parts.privateNetworks));
    if (addresses.length > 0) return { addresses: addresses.slice(0, 2 * mostAddresses), why: '' };
    const [refused] = found;
    return {
      addresses,
      why: refused
        ? `4.4.4 ${host} has the address ${refused}, which no public mail server can have`
        : `4.4.4 ${host} has no address (${whys.join(', ')})`,
    };
  }

  async function tryAddress(host: string, address: string, group: MailGroup, signal: AbortSignal) {
    const plain = !group.secure && (plainUntil.get(host) ?? 0) > parts.now();
    const to = (demand: TlsUse['demand']) =>
      connect({ host: address, port, tls: { demand, name: host, ca }, hostname, timeout, signal });
    if (group.secure) return to('proof');
    const first = await to(plain ? 'none' : 'any');
    if (first.kind === 'connected' || !first.inTls || plain || signal.aborted) return first;
    // RFC 7435 §3: some TLS is better than none, and none is better than no mail.
    const second = await to('none');
    if (second.kind === 'connected') plainUntil.set(host, parts.now() + plainFor);
    return second;
  }

  return {
    async connect(group, given) {
      const signal = AbortSignal.any([given, AbortSignal.timeout(mostTimes * timeout)]);
      let last: Connected = refused('no host was tried');
      let tries = 0;
      for (const host of inOrder(group.tiers, parts.random)) {
        const { addresses, why } = await addressesOf(host);
        if (addresses.length === 0) last = worse(last, refused(why));
        for (const address of addresses) {
          if (tries++ === mostTries || signal.aborted) return last;
          const result = await tryAddress(host, address, group, signal);
          if (result.kind === 'connected') return result;
          last = worse(last, { ...result, answer: from(host, result.answer) });
        }
      }
      return last;
    },
  };
}

/** What a server said tells more than that another could not be reached. */
function worse(before: Refused, now: Refused): Refused {
  return before.answer.kind === 'reply' && now.answer.kind === 'lost' ? before : now;
}

function from(host: string, answer: Answer): Answer {
  return answer.kind === 'reply' || answer.why.includes(host)
    ? answer
    : { kind: 'lost', why: `${host}: ${answer.why}` };
}

function refused(why: string): Refused {
  return { kind: 'refused', stage: 'connect', answer: { kind: 'lost', why }, inTls: false };
}
