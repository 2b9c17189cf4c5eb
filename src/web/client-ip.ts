import { isIP } from 'node:net';
import { isInNetworks, type Network } from '../domain/network.ts';

/**
 * Whose request it is. X-Forwarded-For is believed from the right, as long as the hop that wrote an entry is a proxy of ours: what
 * stands left of that was sent by the client itself and may be anything.
 */
export function clientIp(
  peer: string,
  forwardedFor: string | undefined,
  proxies: readonly Network[],
): string {
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  let client = peer;
  while (isInNetworks(client, proxies)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}
