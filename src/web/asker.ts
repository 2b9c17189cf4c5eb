import type { Actor } from '../domain/actor.ts';
import { clientIp } from './client-ip.ts';
import type { Asked } from './site-frame.ts';

/** The address the request came from, as far as we can believe it. */
export function ipOf(c: Asked): string {
  const peer = c.env.incoming.socket.remoteAddress ?? '';
  return clientIp(peer, c.req.header('x-forwarded-for'), c.var.frame.proxies);
}

export function visitor(c: Asked): Actor {
  return { kind: 'visitor', ip: ipOf(c) };
}

/** Somebody who presents a token, whoever they are. */
export function holder(c: Asked, of: string): Actor {
  return { kind: 'holder', of, ip: ipOf(c) };
}
