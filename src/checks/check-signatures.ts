import { arc, getARChain, type HeaderRow } from 'mailauth/lib/arc/index.js';
import type { ArcResult, DkimResult } from '../domain/authentication.ts';
import { readAuthenticationResults } from '../mail/authentication-results.ts';
import { findFields, type MailHead } from '../mail/headers.ts';
import { readArcSignature, readDkimSignature, type SignatureField } from '../mail/signature-fields.ts';
import { readTags } from '../mail/tag-list.ts';
import { type Ask, resolverFor } from './ask.ts';
import { type BodyHashes, bodyHashesOf, type SignedMail, verifySignature } from './verify-signature.ts';

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

/** The newest signature has to hold, and every seal; mailauth knows the form of a chain. */
async function checkChain(mail: Mail, ask: Ask): Promise<ArcResult> {
  if (!mail.head.fields.some(({ name }) => name.startsWith('arc-'))) return noChain;
  const chain = readChain(mail.head);
  if (!chain || !areWellFormed(mail.head)) return brokenChain;
  const newest = chain.at(-1);
  if (!newest) return noChain;
  const field = findFields(mail.head, 'arc-message-signature').find(
    ({ value }) => Number(readTags(value)?.get('i')) === newest.i,
  );
  const signature = field && readArcSignature(field);
  const result = signature ? await verifySignature(signature, mail, ask) : 'permerror';
  // A text that was added to is not what was sealed; the chain itself may be good.
  const holds = result === 'pass' || result === 'policy';
  const lastEntry = { ...newest, messageSignature: { status: { result: holds ? 'pass' : 'fail' } } };
  const { status } = await arc({ chain, lastEntry }, { resolver: resolverFor(ask) });
  if (!holds || status.result !== 'pass') return brokenChain;
  const said = newest['arc-authentication-results'].original.toString('latin1');
  const whole = result === 'pass' && signature?.signed.includes('from');
  return {
    result: 'pass',
    sealer: newest['arc-seal'].parsed.d?.value?.toLowerCase() ?? '',
    dmarcPassed: whole === true && saysPassed(said, mail.domain),
  };
}

/** The sets in their order; empty without any, undefined where they make no chain. */
function readChain(head: MailHead) {
  const rows: readonly HeaderRow[] = head.fields.map(({ name, raw }) => ({
    key: name,
    line: Buffer.from(raw.replace(/\r?\n$/, ''), 'latin1'),
  }));
  try {
    return getARChain({ parsed: rows }) || [];
  } catch {
    return undefined; // it throws what is wrong, which nobody asks
  }
}

/** RFC 8617 §4.1.3; mailauth reads tag names without regard to case, which RFC 6376 §3.2 does not. */
function areWellFormed(head: MailHead): boolean {
  return findFields(head, 'arc-seal').every(({ value }) => {
    const tags = readTags(value);
    return ['a', 'b', 'cv', 'd', 'i', 's'].every((name) => tags?.has(name));
  });
}

/** `ARC-Authentication-Results: i=1; mx.example.net; dmarc=pass header.from=example.org` */
function saysPassed(field: string, domain: string): boolean {
  const value = field.replace(/^[^:]*:\s*i\s*=\s*\d+\s*;/i, '').replace(/\r?\n/g, '');
  const said = readAuthenticationResults(value)?.results.find(({ method }) => method === 'dmarc');
  return (
    domain !== '' && said?.result === 'pass' && said.properties.get('header.from')?.toLowerCase() === domain
  );
}
