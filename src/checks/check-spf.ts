import { spf } from 'mailauth/lib/spf/index.js';
import type { Authentication } from '../domain/authentication.ts';
import { type Ask, resolverFor } from './ask.ts';

export interface SpfQuestion {
  /** '': nobody told it. */
  readonly clientIp: string;
  readonly helo: string;
  /** '' is the null sender, for which the EHLO name is asked (RFC 7208 §2.4). */
  readonly envelopeSender: string;
  /** Ours. */
  readonly hostname: string;
}

/** SPF (RFC 7208) of MAIL FROM; `none` where the client's address is not known. */
export async function checkSpf(question: SpfQuestion, ask: Ask): Promise<Authentication['spf']> {
  const { clientIp, helo, envelopeSender, hostname } = question;
  const domain = (envelopeSender === '' ? helo : envelopeSender.slice(envelopeSender.lastIndexOf('@') + 1))
    .replace(/\.$/, '')
    .toLowerCase();
  if (clientIp === '') return { result: 'none', domain };
  const { status } = await spf({
    sender: envelopeSender,
    ip: clientIp.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''),
    helo,
    mta: hostname,
    resolver: resolverFor(ask),
  });
  return { result: status.result, domain };
}
