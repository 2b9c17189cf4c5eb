import { get } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { DnsResolver } from '../../dns/resolver.ts';
import type { Network } from '../../domain/network.ts';
import { isReachable } from '../../domain/public-address.ts';

export interface FetchPolicyParts {
  readonly resolver: DnsResolver;
  readonly privateNetworks: readonly Network[];
  /** 443, but in tests. */
  readonly port: number;
  /** Trusted beside the usual authorities: PEM. */
  readonly ca?: string | undefined;
}

/** RFC 8461 §3.3 suggests a minute and 64 KB; mail waits for it. */
const timeout = 15_000;
const mostBytes = 64 * 1024;

/** The text of a domain's MTA-STS policy file (RFC 8461 §3.3): HTTPS with a good certificate, 200, plain text, no redirects. */
export function fetchPolicy(domain: string, parts: FetchPolicyParts): Promise<string> {
  const { port, ca } = parts;
  return new Promise((resolve, reject) => {
    const request = get(
      {
        host: `mta-sts.${domain}`,
        port,
        path: '/.well-known/mta-sts.txt',
        lookup: lookupWith(parts),
        signal: AbortSignal.timeout(timeout),
        agent: false,
        ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      },
      (response) => {
        const fail = (why: string) => request.destroy(new Error(why));
        const type = response.headers['content-type'] ?? '';
        if (response.statusCode !== 200)
          return fail(`the policy file is answered with ${response.statusCode}`);
        if (!/^text\/plain\b/i.test(type)) return fail(`the policy file is ${type || 'of no type'}`);
        let text = '';
        response.setEncoding('latin1');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > mostBytes) fail('the policy file is too large');
        });
        // Cut off in the middle it ends with neither an end nor an error of the request.
        response.on('error', reject);
        response.on('close', () => reject(new Error('the policy file was cut off')));
        response.on('end', () => {
          if (response.complete) resolve(text);
        });
      },
    );
    request.on('error', reject);
  });
}

/** Only addresses that are somebody's in public: who controls a zone must not have us ask what is behind our firewall. */
function lookupWith({ resolver, privateNetworks }: FetchPolicyParts): LookupFunction {
  return (host, { all }, callback) => {
    void addressesOf(host).then((addresses) => {
      const [first] = addresses;
      if (!first) callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '', 4);
      else if (all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  async function addressesOf(host: string) {
    const found = await Promise.all([
      resolver.resolve(host, 'AAAA').catch(() => []),
      resolver.resolve(host, 'A').catch(() => []),
    ]);
    return found
      .flat()
      .filter((address) => isReachable(address, privateNetworks))
      .map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  }
}
