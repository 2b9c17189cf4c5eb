import type {
  ArcResult,
  AskedPolicy,
  Authentication,
  DkimResult,
  DmarcResult,
  SpfResult,
} from '../domain/authentication.ts';
import {
  type AuthenticationResults,
  type MethodResult,
  readAuthenticationResults,
} from './authentication-results.ts';
import type { MailHead } from './headers.ts';

/**
 * What the mail server in front of us found out, from its Authentication-Results (email.md §4.3). Only for mail that a trusted peer hands
 * over. Its fields stand on top, above the server's own Received, and `below` more where our own servers have passed it on since; what is
 * further down anybody may have written. A sender's own field comes to stand right under the server's Received, and no milter takes away
 * what it does not look for. `trustedIds` in lower case. `domain`: of the author as we read the From. Undefined: it says nothing.
 */
export function readFrontResults(
  head: MailHead,
  { trustedIds, domain, below = 0 }: FrontQuestion,
): Authentication | undefined {
  const fields = topResults(head, below).filter(({ authservId }) => trustedIds.includes(authservId));
  const authservId = fields[0]?.authservId;
  if (authservId === undefined) return undefined;
  // A server may write a field for each method. Of two words about one thing the upper is the later.
  const results = fields.filter((field) => field.authservId === authservId).flatMap((field) => field.results);
  const spf = readSpf(results.find(({ method }) => method === 'spf'));
  const dkim = results.filter(({ method }) => method === 'dkim').map((said) => readDkim(said, domain));
  const aligned = {
    spf: spf.result === 'pass' && isUnder(domain, spf.domain),
    dkim: dkim.some((found) => found.result === 'pass' && isUnder(domain, found.domain)),
  };
  const dmarc = readDmarc(results, domain);
  return {
    by: { kind: 'front-mta', authservId },
    spf,
    dkim,
    dmarc: { ...dmarc, aligned },
    // Whose word it was is not told, so nothing is believed for it; a seal of ours says whether the chain held.
    arc: { result: readArc(results.find(({ method }) => method === 'arc')), dmarcPassed: false },
  };
}

export interface FrontQuestion {
  readonly trustedIds: readonly string[];
  readonly domain: string;
  /** How many Received fields of our own servers stand above the front server's results; default 0. */
  readonly below?: number | undefined;
}

function topResults(head: MailHead, below: number): AuthenticationResults[] {
  const results: AuthenticationResults[] = [];
  let received = 0;
  for (const { name, value } of head.fields) {
    if (name === 'received') received += 1;
    if (received > below) break;
    const read = name === 'authentication-results' ? readAuthenticationResults(value) : undefined;
    if (read) results.push(read);
  }
  return results;
}

const spfResults: readonly string[] = [
  'pass',
  'fail',
  'softfail',
  'neutral',
  'none',
  'temperror',
  'permerror',
] satisfies SpfResult[];

function readSpf(said: MethodResult | undefined): Authentication['spf'] {
  const identity = said?.properties.get('smtp.mailfrom') ?? said?.properties.get('smtp.helo') ?? '';
  const result = said && spfResults.includes(said.result) ? (said.result as SpfResult) : 'none';
  return { result, domain: domainOf(identity) };
}

function readArc(said: MethodResult | undefined): ArcResult['result'] {
  return said?.result === 'pass' || said?.result === 'fail' ? said.result : 'none';
}

const dkimResults: readonly string[] = [
  'pass',
  'fail',
  'neutral',
  'policy',
  'temperror',
  'permerror',
] satisfies DkimResult['result'][];

function readDkim({ result, properties }: MethodResult, author: string): DkimResult {
  const domain = domainOf(properties.get('header.d') ?? properties.get('header.i') ?? '');
  return {
    result: dkimResults.includes(result) ? (result as DkimResult['result']) : 'neutral',
    domain,
    selector: properties.get('header.s') ?? '',
    // Whether one of a domain above speaks for it, too, its owner says in DNS (adkim=).
    ...(domain !== '' && domain === author && { aligned: true }),
  };
}

const dmarcResults: readonly string[] = [
  'pass',
  'fail',
  'none',
  'temperror',
  'permerror',
] satisfies DmarcResult['result'][];

/** Only what is said of the very domain that we read in the From: another parser may have found another author. */
function readDmarc(results: readonly MethodResult[], domain: string): Omit<DmarcResult, 'aligned'> {
  const said = results.find(({ method }) => method === 'dmarc');
  const judged = domainOf(said?.properties.get('header.from') ?? '');
  if (!said || judged !== domain || !dmarcResults.includes(said.result)) {
    return {
      result: said?.result === 'temperror' ? 'temperror' : 'permerror',
      domain: judged,
      policy: 'unknown',
    };
  }
  const result = said.result as DmarcResult['result'];
  return { result, domain, policy: result === 'none' ? 'none' : policyOf(said) };
}

/** `policy.dmarc=reject` by RFC 8601's registry; OpenDMARC writes `(p=reject dis=none)`, rspamd `(policy=reject)`. */
function policyOf({ properties, comment }: MethodResult): AskedPolicy {
  const said = properties.get('policy.dmarc') ?? /\b(?:p|policy)=(\w+)/i.exec(comment)?.[1] ?? '';
  const policy = said.toLowerCase();
  return policy === 'reject' || policy === 'quarantine' || policy === 'none' ? policy : 'unknown';
}

function domainOf(identity: string): string {
  return identity
    .slice(identity.lastIndexOf('@') + 1)
    .replace(/\.$/, '')
    .toLowerCase();
}

/**
 * The domain itself or one above it: of relaxed alignment (RFC 7489 §3.1) what can be told without the Public Suffix List, and never more
 * than it allows, because nobody signs for a public suffix.
 */
function isUnder(domain: string, above: string): boolean {
  return above.includes('.') && (domain === above || domain.endsWith(`.${above}`));
}
