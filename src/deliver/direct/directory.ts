import { LRUCache } from 'lru-cache';
import type { DnsResolver } from '../../dns/resolver.ts';
import { mailServerPause } from '../../domain/back-off.ts';
import { type MailHosts, mailHosts } from '../../domain/mail-hosts.ts';
import { type Answer, withheld } from '../../domain/outcome.ts';
import { allowsHost, type StsPolicy } from '../../domain/sts-policy.ts';

/** The way to the mail servers of a domain. */
export type Route =
  | MailGroup
  /** It takes no mail, and never will: final. */
  | { readonly kind: 'nowhere'; readonly why: Answer }
  /** Not known just now; mail that is as old as `finalAfter` (milliseconds) has failed then. */
  | { readonly kind: 'unknown'; readonly why: Answer; readonly until: number; readonly finalAfter?: number };

/** The hosts of one or more domains: they share connections, limits and back-off. */
export interface MailGroup {
  readonly kind: 'group';
  /** The same for all domains with the same hosts and the same demand. */
  readonly key: string;
  /** The preferred host, for logs and people. */
  readonly name: string;
  /** By preference; see mail-hosts.ts. */
  readonly tiers: readonly (readonly string[])[];
  /** MTA-STS (RFC 8461 §5): only with TLS, and a certificate for the host's name. */
  readonly secure: boolean;
}

/** Which mail servers serve which domain. */
export interface Directory {
  /** What is known without asking. */
  known(domain: string): Route | undefined;
  /** Never rejects. */
  find(domain: string): Promise<Route>;
  /** What could not be found out may be asked again at once. */
  forgetFailures(): void;
}

export interface DirectoryParts {
  readonly resolver: DnsResolver;
  /** The policy of a domain, where it has one that counts (RFC 8461). Never rejects. */
  policyOf(domain: string): Promise<StsPolicy | undefined>;
  /** This server's own name. */
  isOurs(host: string): boolean;
  /** Our own mail domains: their mail may come back to us. */
  isOurDomain(domain: string): boolean;
  now(): number;
  random(): number;
}

const mostDomains = 10_000;
/** DNS keeps answers as long as their TTL says; this spares the work of reading them for each delivery. In milliseconds. */
const keep = 5 * 60_000;
/** For all that is asked about one domain. In milliseconds. */
const longest = 60_000;
/** A domain that is not in DNS may be back: its registrar's mistake, or ours (email.md §6.3). */
const missingIsFinalAfter = 24 * 3_600_000;

export function createDirectory(parts: DirectoryParts): Directory {
  const { now } = parts;
  const routes = new LRUCache<string, { readonly route: Route; readonly until: number }>({
    max: mostDomains,
  });
  const failures = new LRUCache<string, number>({ max: mostDomains });
  const asking = new Map<string, Promise<Route>>();

  function known(domain: string): Route | undefined {
    const found = routes.get(domain);
    return found && found.until > now() ? found.route : undefined;
  }

  async function ask(domain: string): Promise<Route> {
    const later = (why: Answer) => {
      const count = (failures.get(domain) ?? 0) + 1;
      failures.set(domain, count);
      return now() + mailServerPause(count, why, parts.random());
    };
    const route = await withinTime(look(domain, parts, later), () => {
      const why: Answer = { kind: 'lost', why: `4.4.3 the way to ${domain} could not be found out in time` };
      return { kind: 'unknown', why, until: later(why) };
    });
    if (route.kind !== 'unknown') failures.delete(domain);
    routes.set(domain, { route, until: route.kind === 'unknown' ? route.until : now() + keep });
    return route;
  }

  return {
    known,
    async find(domain) {
      const route = known(domain);
      if (route) return route;
      const asked = asking.get(domain) ?? ask(domain).finally(() => asking.delete(domain));
      asking.set(domain, asked);
      return asked;
    },
    forgetFailures() {
      for (const [domain, { route }] of routes) if (route.kind === 'unknown') routes.delete(domain);
    },
  };
}

/** DNS and the policy's server have time limits of their own; nothing may wait for ever where one does not hold. */
function withinTime(looking: Promise<Route>, late: () => Route): Promise<Route> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late()), longest).unref();
    looking.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** `later`: when a domain that could not be looked up is asked for again. */
async function look(domain: string, parts: DirectoryParts, later: (why: Answer) => number): Promise<Route> {
  const unknown = (reply: string, finalAfter?: number): Route => {
    const why: Answer = { kind: 'lost', why: reply };
    return { kind: 'unknown', why, until: later(why), ...(finalAfter === undefined ? {} : { finalAfter }) };
  };
  const records = await mxRecords(domain, parts.resolver);
  if (records === 'missing') return unknown(`5.1.2 there is no domain ${domain}`, missingIsFinalAfter);
  if (records === 'trouble') return unknown(`4.4.3 DNS does not answer for ${domain}`);
  const own = parts.isOurDomain(domain);
  const hosts = mailHosts(domain, records, own ? () => false : parts.isOurs);
  switch (hosts.kind) {
    case 'null-mx':
      // RFC 7504 §4, RFC 7505 §4.1.
      return { kind: 'nowhere', why: said(556, `5.1.10 ${domain} takes no mail (null MX)`) };
    case 'loop':
      return {
        kind: 'nowhere',
        why: said(554, `5.4.6 the mail server of ${domain} is this one, which does not know it`),
      };
    case 'hosts':
      return (
        groupOf(hosts, await parts.policyOf(domain)) ??
        unknown(`${withheld.policy} ${domain} is in its MTA-STS policy`)
      );
  }
}

async function mxRecords(domain: string, resolver: DnsResolver) {
  try {
    return await resolver.resolve(domain, 'MX');
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENOTFOUND':
        return 'missing';
      // RFC 5321 §5.1: without MX the domain is its own host, if it is one.
      case 'ENODATA':
        return [];
      default:
        return 'trouble';
    }
  }
}

/** Undefined where the policy allows none of the hosts. */
function groupOf(
  { tiers }: Extract<MailHosts, { kind: 'hosts' }>,
  policy: StsPolicy | undefined,
): MailGroup | undefined {
  const secure = policy?.mode === 'enforce';
  // RFC 8461 §5.1: hosts that the policy does not name are as if they were not there.
  const allowed = secure
    ? tiers.map((tier) => tier.filter((host) => allowsHost(policy, host))).filter((tier) => tier.length > 0)
    : tiers;
  const name = allowed[0]?.[0];
  if (name === undefined) return undefined;
  const hosts = allowed.map((tier) => [...tier].sort().join(',')).join(' ');
  return { kind: 'group', key: `${secure ? 'tls ' : ''}${hosts}`, name, tiers: allowed, secure };
}

function said(code: number, text: string): Answer {
  return { kind: 'reply', reply: { code, text } };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
