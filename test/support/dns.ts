import { onTestFinished } from 'vitest';
import { startNameServer, type TestDns, type Zones } from './name-server.ts';
import type { WhenDone } from './stores.ts';

export type { TestDns, Zones } from './name-server.ts';

/** A name server (name-server.ts) that ends with the running test, or when `whenDone` says. */
export async function startDns(zones: Zones, whenDone: WhenDone = onTestFinished): Promise<TestDns> {
  const dns = await startNameServer(zones);
  whenDone(dns.close);
  return dns;
}
