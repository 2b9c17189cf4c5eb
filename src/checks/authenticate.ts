import type { AskedPolicy, Authentication } from '../domain/authentication.ts';
import { readHead } from '../mail/headers.ts';
import type { Ask } from './ask.ts';
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
    checkSignatures({ raw, head: readHead(raw), domain, now }, ask),
  ]);
  const dkim = alignSignatures(domain, published, signatures.dkim);
  const dmarc = judgeDmarc(domain, published, { spf, dkim });
  return { by: { kind: 'ourselves' }, spf, dkim, dmarc, arc: signatures.arc };
}

/** What the owner of a domain asks for, where somebody else has judged the mail and does not say. */
export async function askPolicy(domain: string, ask: Ask): Promise<AskedPolicy> {
  return domain === '' ? 'none' : askedBy(await findDmarc(domain, ask));
}
