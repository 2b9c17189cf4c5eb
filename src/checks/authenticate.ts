import type { AskedPolicy, Authentication, DkimResult } from '../domain/authentication.ts';
import { readHead } from '../mail/headers.ts';
import type { Ask } from './ask.ts';
import { shareOf } from './bounded-ask.ts';
import { alignSignatures, askedBy, findDmarc, judgeDmarc } from './check-dmarc.ts';
import { checkSignatures } from './check-signatures.ts';
import { checkSpf, type SpfQuestion } from './check-spf.ts';

/** What is to be found out about a mail, besides its bytes. */
export interface AuthenticationQuestion extends SpfQuestion {
  /** The domain of the one author that our own strict reader found (A-labels); '': there is none, so nothing is judged by DMARC. */
  readonly domain: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Keys of one mail: ten signatures, and the sealers of the longest chains there are. Whoever sent the mail wrote fifty seals if they liked, and what
 * these used up, SPF of the From's domain would lack: a forgery would be a mere doubt.
 */
const mostKeys = 25;

/** SPF, DKIM, ARC and DMARC of a mail, all questions to DNS at once. Rejects only for a fault of ours or of mailauth. */
export async function authenticate(
  raw: Buffer,
  question: AuthenticationQuestion,
  ask: Ask,
): Promise<Authentication> {
  const { domain, now } = question;
  const [published, spf, signatures] = await Promise.all([
    // First: whoever sent the mail chose how much the others ask, and without this a forgery would be a mere doubt.
    domain === '' ? ({ kind: 'none' } as const) : findDmarc(domain, ask),
    checkSpf(question, ask),
    checkSignatures({ raw, head: readHead(raw), domain, now }, shareOf(ask, mostKeys)),
  ]);
  const dkim = alignSignatures(domain, published, signatures.dkim);
  const dmarc = judgeDmarc(domain, published, { spf, dkim });
  return { by: { kind: 'ourselves' }, spf, dkim, dmarc, arc: signatures.arc };
}

/** What the owner of a domain asks for, where somebody else has judged the mail and does not say. */
export interface AskedOwner {
  readonly policy: AskedPolicy;
  /** Those that were asked about, each with whether it speaks for the domain. Absent where DNS does not tell. */
  readonly dkim?: readonly DkimResult[];
}

/** A question to the owner of a domain; `dkim`: what somebody else found out about a mail of it. */
export interface OwnerQuestion {
  readonly domain: string;
  readonly dkim: readonly DkimResult[];
}

export async function askOwner({ domain, dkim }: OwnerQuestion, ask: Ask): Promise<AskedOwner> {
  if (domain === '') return { policy: 'none' };
  const published = await findDmarc(domain, ask);
  const policy = askedBy(published);
  return policy === 'unknown' ? { policy } : { policy, dkim: alignSignatures(domain, published, dkim) };
}
