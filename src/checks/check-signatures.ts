import type { ArcResult, DkimResult } from '../domain/authentication.ts';
import { type ArcSet, readArcChain } from '../mail/arc-chain.ts';
import { readAuthenticationResults } from '../mail/authentication-results.ts';
import { findFields } from '../mail/headers.ts';
import {
  readArcSeal,
  readArcSignature,
  readDkimSignature,
  type SignatureField,
} from '../mail/signature-fields.ts';
import { canonicalLine, unsignedLine } from '../mail/signed-text.ts';
import type { Ask } from './ask.ts';
import {
  type BodyHashes,
  bodyHashesOf,
  type SignedMail,
  verifySignature,
  verifyText,
} from './verify-signature.ts';

/** More than anybody uses; each may ask for its own pass over the body (l=). Postfix's companions stop at 3. */
const mostSignatures = 10;

/** DKIM (RFC 6376) and ARC (RFC 8617). `domain`: the author's, '' where there is no author. */
export async function checkSignatures(
  mail: SignedMail & { readonly domain: string },
  ask: Ask,
): Promise<{ dkim: readonly DkimResult[]; arc: ArcResult }> {
  const bodies = bodyHashesOf(mail);
  const fields = findFields(mail.head, 'dkim-signature');
  const read = fields.length > mostSignatures ? [] : fields.map(readDkimSignature);
  const [dkim, arcResult] = await Promise.all([
    Promise.all(read.map((signature) => judge(signature, { ...mail, bodies }, ask))),
    checkChain({ ...mail, bodies }, ask),
  ]);
  return { dkim, arc: arcResult };
}

type Mail = SignedMail & { readonly domain: string; readonly bodies: BodyHashes };

async function judge(signature: SignatureField | undefined, mail: Mail, ask: Ask): Promise<DkimResult> {
  if (!signature) return { result: 'permerror', domain: '', selector: '' };
  const { domain, selector } = signature;
  return { result: await verifySignature(signature, mail, ask), domain, selector };
}

const noChain: ArcResult = { result: 'none', dmarcPassed: false };
const brokenChain: ArcResult = { result: 'fail', dmarcPassed: false };

/** The newest signature has to hold, and every seal (RFC 8617 §5.2); what DNS does not say is a failure like any other (§5.2.1). */
async function checkChain(mail: Mail, ask: Ask): Promise<ArcResult> {
  const chain = readArcChain(mail.head);
  if (chain.kind === 'none') return noChain;
  const newest = chain.kind === 'chain' ? chain.sets.at(-1) : undefined;
  const signature = newest && readArcSignature(newest.message);
  const seals = chain.kind === 'chain' ? readSeals(chain.sets) : undefined;
  if (!newest || !signature || !seals) return brokenChain;
  const [result, ...sealed] = await Promise.all([
    verifySignature(signature, mail, ask),
    ...seals.map(({ signer, text }) => verifyText(signer, text, ask)),
  ]);
  // A text that was added to is not what was sealed; the chain itself may be good.
  const holds = result === 'pass' || result === 'policy';
  if (!holds || sealed.some((seal) => seal !== 'pass')) return brokenChain;
  const whole = result === 'pass' && signature.signed.includes('from');
  return {
    result: 'pass',
    sealer: seals.at(-1)?.signer.domain ?? '',
    dmarcPassed: whole && saysPassed(newest.results.value, mail.domain),
  };
}

/** Each with what it seals: all sets up to its own (RFC 8617 §5.1.1). Undefined where one is no seal. */
function readSeals(sets: readonly ArcSet[]) {
  let covered = '';
  const seals = [];
  for (const { results, message, seal } of sets) {
    covered += `${canonicalLine(results, 'relaxed')}\r\n${canonicalLine(message, 'relaxed')}\r\n`;
    const signer = readArcSeal(seal);
    if (!signer) return undefined;
    seals.push({ signer, text: covered + unsignedLine(seal, 'relaxed') });
    covered += `${canonicalLine(seal, 'relaxed')}\r\n`;
  }
  return seals;
}

/** `ARC-Authentication-Results: i=1; mx.example.net; dmarc=pass header.from=example.org` */
function saysPassed(value: string, domain: string): boolean {
  const said = readAuthenticationResults(value.replace(/^[^;]*;/, ''))?.results.find(
    ({ method }) => method === 'dmarc',
  );
  return (
    domain !== '' && said?.result === 'pass' && said.properties.get('header.from')?.toLowerCase() === domain
  );
}
