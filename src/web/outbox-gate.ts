import { createHash, timingSafeEqual } from 'node:crypto';
import { isInNetworks, parseNetwork } from '../domain/network.ts';
import { ipOf } from './asker.ts';
import type { Asked } from './site-frame.ts';

export interface OutboxLock {
  readonly key: string;
  /** Without the port, as a URL writes it. */
  readonly listenHost: string;
}

/**
 * The outbox holds everybody's confirmation links, so it opens only to this computer, with the key that the start printed. The Host
 * must be ours, or another site could give itself our address in DNS and read it through the browser of whoever sits here (DNS
 * rebinding); its port does not matter, so that a tunnel works.
 */
export function mayOpenOutbox(c: Asked, lock: OutboxLock): boolean {
  const host = hostOf(c.req.header('host') ?? '');
  return (
    isInNetworks(ipOf(c), loopback) &&
    !forwardingHeaders.some((name) => c.req.header(name) !== undefined) &&
    (host === 'localhost' || host === lock.listenHost) &&
    isSame(c.req.query('key') ?? '', lock.key)
  );
}

const loopback = ['127.0.0.0/8', '::1'].flatMap((text) => parseNetwork(text) ?? []);

/** Somebody stands between us and the reader, who therefore may be anywhere. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function hostOf(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '');
}

/** Hashed first: equal lengths, so that the comparison takes the same time for every wrong key. */
function isSame(given: string, key: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}
