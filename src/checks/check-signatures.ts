import { arc } from 'mailauth/lib/arc/index.js';
import { type ArcChain, DkimVerifier, type SignatureResult } from 'mailauth/lib/dkim/dkim-verifier.js';
import type { ArcResult, DkimResult } from '../domain/authentication.ts';
import { readAuthenticationResults } from '../mail/authentication-results.ts';
import { findFields, type MailHead } from '../mail/headers.ts';
import { readTags, readTagWords } from '../mail/tag-list.ts';
import { type Ask, resolverFor } from './ask.ts';
import { keyAllows, readSignatureField, type SignatureField } from './signature-fields.ts';

export interface SignedMail {
  readonly raw: Buffer;
  readonly head: MailHead;
  /** The author's domain, '' where there is no author. */
  readonly domain: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** More than anybody uses; each may ask for its own pass over the body (l=). Postfix's companions stop at 3. */
const mostSignatures = 10;

/**
 * DKIM (RFC 6376) and ARC (RFC 8617): mailauth does the sums over the fields as our own reader found them, so that no two readers see two
 * mails; what it lets pass and the standards do not is refused here.
 */
export async function checkSignatures(
  mail: SignedMail,
  ask: Ask,
): Promise<{ dkim: readonly DkimResult[]; arc: ArcResult }> {
  const fields = findFields(mail.head, 'dkim-signature');
  const sealed = findFields(mail.head, 'arc-seal').length > 0;
  if ((fields.length === 0 && !sealed) || fields.length > mostSignatures) return nothing;
  const signatures = fields.map(readSignatureField);
  const verifier = new DkimVerifier({
    resolver: resolverFor(pickingKeys(ask, signatures)),
    sender: 'nobody@invalid',
    curTime: new Date(mail.now),
  });
  const rows = mail.head.fields.map(({ name, raw }) => ({
    key: name,
    casedKey: raw.slice(0, Math.max(0, raw.indexOf(':'))).trim(),
    line: Buffer.from(raw.replace(/\r?\n$/, ''), 'latin1'),
  }));
  await verifier.messageHeaders({ parsed: rows });
  // Where the first part of a multipart begins is of no use here, and costs more than the hash.
  for (const hash of verifier.bodyHashes.values()) delete hash.mimeStructureStartFinder.boundary;
  await verifier.nextChunk(mail.raw.subarray(mail.head.bodyStart));
  await verifier.finalChunk();
  return {
    dkim: signatures.flatMap((signature) => (signature ? [judge(signature, verifier.results)] : [ignored])),
    arc: sealed ? await judgeChain(verifier.arc, mail, ask) : nothing.arc,
  };
}

const nothing: { dkim: readonly DkimResult[]; arc: ArcResult } = {
  dkim: [],
  arc: { result: 'none', dmarcPassed: false },
};

const ignored: DkimResult = { result: 'permerror', domain: '', selector: '' };

function judge(signature: SignatureField, results: readonly SignatureResult[]): DkimResult {
  const found = results.find((result) => result.signature === signature.signature);
  return { result: resultOf(signature, found), domain: signature.domain, selector: signature.selector };
}

function resultOf(signature: SignatureField, found: SignatureResult | undefined): DkimResult['result'] {
  if (!found || found.status.result === 'none') return 'permerror';
  if (found.status.result !== 'pass') return found.status.result;
  if (!keyAllows(found.rr ?? '', signature)) return 'permerror';
  // RFC 6376 §8.2: under l= anybody may have added the rest, a whole other text; RFC 8601 §2.7.1 calls it `policy`.
  return found.status.underSized ? 'policy' : 'pass';
}

/** Where a selector has several keys, the one of the signature's kind: RFC 6376 §3.6.2.2 leaves it open, and mailauth takes the first. */
function pickingKeys(ask: Ask, signatures: readonly (SignatureField | undefined)[]): Ask {
  return async (name, type) => {
    const records = await ask(name, type);
    const signature =
      records.length > 1 &&
      signatures.find((one) => one && name === `${one.selector}._domainkey.${one.domain}`);
    if (!signature) return records;
    const isWanted = (record: unknown) => kindOf(record) === signature.keyKind;
    return [...records].sort((a, b) => Number(isWanted(b)) - Number(isWanted(a))) as typeof records;
  };
}

function kindOf(record: unknown): string {
  const text = Array.isArray(record) ? record.join('') : '';
  return readTags(text)?.get('k') ?? 'rsa';
}

async function judgeChain(chain: ArcChain, { head, domain }: SignedMail, ask: Ask): Promise<ArcResult> {
  const { status } = await arc(chain, { resolver: resolverFor(ask) });
  const newest = chain.lastEntry;
  if (status.result !== 'pass' || !newest || !areWellFormed(head)) {
    return { result: status.result === 'none' ? 'none' : 'fail', dmarcPassed: false };
  }
  // What a seal says counts for the very From and text that it was put on.
  const signed = newest.messageSignature;
  const whole = signed !== undefined && !signed.status.underSized && coversFrom(signed);
  return {
    result: 'pass',
    sealer: newest['arc-seal'].parsed.d?.value?.toLowerCase() ?? '',
    dmarcPassed:
      whole && saysPassed(newest['arc-authentication-results'].original.toString('latin1'), domain),
  };
}

/** RFC 8617 §4.1.3; mailauth reads tag names without regard to case, which RFC 6376 §3.2 does not. */
function areWellFormed(head: MailHead): boolean {
  return findFields(head, 'arc-seal').every(({ value }) => {
    const tags = readTags(value);
    return ['a', 'b', 'cv', 'd', 'i', 's'].every((name) => tags?.has(name));
  });
}

function coversFrom({ signingHeaders }: SignatureResult): boolean {
  return readTagWords(signingHeaders?.keys ?? '').includes('from'); // mailauth joins them with colons, too
}

/** `ARC-Authentication-Results: i=1; mx.example.net; dmarc=pass header.from=example.org` */
function saysPassed(field: string, domain: string): boolean {
  const value = field.replace(/^[^:]*:\s*i\s*=\s*\d+\s*;/i, '').replace(/\r?\n/g, '');
  const said = readAuthenticationResults(value)?.results.find(({ method }) => method === 'dmarc');
  return (
    domain !== '' && said?.result === 'pass' && said.properties.get('header.from')?.toLowerCase() === domain
  );
}
