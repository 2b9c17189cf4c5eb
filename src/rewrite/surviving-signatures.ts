import type { Authentication, DkimResult } from '../domain/authentication.ts';
import { canonicalBody } from '../mail/canonical-body.ts';
import { findFields, type HeaderField, type MailHead } from '../mail/headers.ts';
import { readDkimSignature, type SignatureField } from '../mail/signature-fields.ts';
import { signedFields, signedText } from '../mail/signed-text.ts';
import type { SenderFacts } from './sender-facts.ts';

/** A mail as it is signed: its fields and the bytes behind the empty line. */
export interface SignedParts {
  readonly head: Pick<MailHead, 'fields'>;
  readonly body: Buffer;
}

/** One DKIM-Signature of the received mail, and what becomes of it. */
export interface ComparedSignature {
  readonly field: HeaderField;
  /** d= and s=. */
  readonly domain: string;
  readonly selector: string;
  /** It held when the mail came, and speaks for the domain of the From. */
  readonly provesAuthor: boolean;
  /** All that it covers is the same on the outgoing copy, and it does not expire on the way: it says there what it said on arrival. */
  readonly survives: boolean;
}

/** A signature that expires (x=) while the mail is still on its way proves nothing to those who get it late. */
const longestWay = 86_400_000;

/** Whoever checked the mail has looked at no more either (check-signatures.ts). */
const mostSignatures = 10;

export interface Comparison extends Pick<SenderFacts, 'authentication' | 'at'> {
  /** Names of fields, lower case, that go on top of `after` later. */
  readonly toCome: readonly string[];
}

/**
 * What becomes of each DKIM signature when `before` goes out as `after` (email.md §5.4). Neither DNS nor a key is asked: what was covered
 * is canonicalized on both and compared, and where no covered field and not the body was touched not even that. Signatures that nobody
 * can read, or too many, are left out.
 */
export function compareSignatures(
  before: SignedParts,
  after: SignedParts,
  { authentication, at, toCome }: Comparison,
): readonly ComparedSignature[] {
  const fields = findFields(before.head, 'dkim-signature');
  if (fields.length === 0 || fields.length > mostSignatures) return [];
  const sameBody = bodyComparison(before.body, after.body);
  // What will stand in them is not known, nor does it matter.
  const later = { fields: [...toCome.map((name) => ({ name, raw: '', value: '' })), ...after.head.fields] };
  const compared = fields.flatMap((field, place) => {
    const signature = readDkimSignature(field);
    if (!signature) return [];
    const { domain, selector, expiresAt = Number.POSITIVE_INFINITY } = signature;
    const found = resultOf(signature, { place, of: fields.length }, authentication);
    const one: ComparedSignature = {
      field,
      domain,
      selector,
      provesAuthor: found?.result === 'pass' && found.aligned === true,
      survives:
        expiresAt > at + longestWay && sameBody(signature) && sameFields(signature, before.head, later),
    };
    return [{ one, coversOthers: signature.signed.includes('dkim-signature') }];
  });
  // One that covers others falls with them: those that do not survive are taken off.
  const allSurvive = compared.every(({ one }) => one.survives);
  return compared.map(({ one, coversOthers }) =>
    coversOthers && !allSurvive ? { ...one, survives: false } : one,
  );
}

/** Ours are in the order of the fields; a server in front names each, and of two of one name either may be the bad one. */
function resultOf(
  { domain, selector }: SignatureField,
  { place, of }: { readonly place: number; readonly of: number },
  authentication: Authentication | undefined,
): DkimResult | undefined {
  if (!authentication) return undefined;
  const { by, dkim } = authentication;
  if (by.kind === 'ourselves') return dkim.length === of ? dkim[place] : undefined;
  const named = dkim.filter(
    (result) => result.domain === domain && (result.selector === selector || result.selector === ''),
  );
  return named.every(({ result }) => result === 'pass') ? named[0] : undefined;
}

function sameFields(
  signature: SignatureField,
  before: SignedParts['head'],
  after: SignedParts['head'],
): boolean {
  const [covered, now] = [signedFields(before, signature.signed), signedFields(after, signature.signed)];
  const untouched = covered.length === now.length && covered.every((field, i) => field.raw === now[i]?.raw);
  return untouched || signedText(signature, before) === signedText(signature, after);
}

/** Each form of the bodies is made once, however many signatures want it and whatever part of it each covers (l=). */
function bodyComparison(before: Buffer, after: Buffer): (signature: SignatureField) => boolean {
  if (before === after || before.equals(after)) return () => true;
  const known = new Map<string, Likeness>();
  return ({ canonical, bodyLength }) => {
    const form = (body: Buffer) => canonicalBody(body, canonical.body);
    const likeness = known.get(canonical.body) ?? compare(form(before), form(after));
    known.set(canonical.body, likeness);
    return areAlike(likeness, bodyLength);
  };
}

/** Of two forms of a body: how many octets each has, and with how many both begin alike. */
interface Likeness {
  readonly before: number;
  readonly after: number;
  readonly common: number;
}

function compare(before: Buffer, after: Buffer): Likeness {
  const most = Math.min(before.length, after.length);
  let common = 0;
  while (common < most && before[common] === after[common]) common += 1;
  return { before: before.length, after: after.length, common };
}

/** In their first octets, or in all. */
function areAlike({ before, after, common }: Likeness, octets = Number.POSITIVE_INFINITY): boolean {
  const wanted = Math.min(before, octets);
  return wanted === Math.min(after, octets) && common >= wanted;
}
