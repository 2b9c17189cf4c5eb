import { domainPart, isAsciiOnly } from '../domain/address.ts';
import type { Author } from '../domain/incoming.ts';
import type { ListSettings } from '../domain/list-settings.ts';
import type { SenderFacts } from './sender-facts.ts';
import type { ComparedSignature } from './surviving-signatures.ts';

/** What the outgoing copy has as its From, and why, a clause. */
export type FromDecision =
  | { readonly from: 'author'; readonly why: string }
  | { readonly from: 'rewritten' | 'wrapped'; readonly why: string; readonly author: Author };

export interface FromQuestion extends Omit<SenderFacts, 'authentication' | 'at'> {
  readonly mode: ListSettings['dmarc'];
  /** The From, where it names one author. */
  readonly author: Author | undefined;
  /** The copy is for a next hop that takes no address outside ASCII. */
  readonly asciiOnly?: boolean;
  /** Of the list: mail from it is ours. */
  readonly listAddress: string;
  /** Domains whose mail is refused without their signature, although they ask for nothing. */
  readonly strictDomains: readonly string[];
}

/**
 * Whether the author's address can stay in the From (email.md §5.4): only where the receivers' DMARC will pass, or nobody asks for it.
 * `signatures` is asked only where it matters.
 */
export function decideFrom(
  question: FromQuestion,
  signatures: () => readonly Pick<ComparedSignature, 'domain' | 'provesAuthor' | 'survives'>[],
): FromDecision {
  const settled = settleAtOnce(question);
  if (settled.kind === 'settled') return settled.decision;
  const { author, domain } = settled;
  const proofs = signatures().filter(({ provesAuthor }) => provesAuthor);
  const surviving = proofs.find(({ survives }) => survives);
  if (surviving) return { from: 'author', why: `the signature of ${surviving.domain} still holds` };
  const lost =
    proofs.length > 0 ? 'its signature does not survive' : 'no signature of it held when the mail came';
  const why = `${whyNeeded(question, domain)}, and ${lost}`;
  return { from: question.mode === 'wrap' ? 'wrapped' : 'rewritten', why, author };
}

/**
 * Whether the From may come to be rewritten, before anybody knows how the mail will look: then its author needs an address that stands
 * for theirs. Never for authors whose domain asks for nothing.
 */
export function mayRewriteFrom(question: FromQuestion): boolean {
  const settled = settleAtOnce({ ...question, asciiOnly: true });
  return settled.kind === 'open' || settled.decision.from !== 'author';
}

type Settled =
  | { readonly kind: 'settled'; readonly decision: FromDecision }
  | { readonly kind: 'open'; readonly author: Author; readonly domain: string };

function settleAtOnce({ author, mode, forced, policy, proved, ...where }: FromQuestion): Settled {
  if (!author) return kept('it does not name one author');
  if (author.email === where.listAddress) return kept('it is the list’s own address');
  if (forced !== undefined) return rewritten(author, forced);
  if (where.asciiOnly && !isAsciiOnly(author.email))
    return rewritten(author, 'the next server takes no address outside ASCII');
  if (mode === 'never') return kept('the list rewrites no author (dmarc=never)');
  const domain = domainPart(author.email);
  const isOurs = where.ownDomains.includes(domain);
  if (isOurs && proved) return kept(`mail of ${domain} is signed here`);
  if (mode === 'always') return rewritten(author, 'the list rewrites every author (dmarc=always)');
  return policy === 'none' && !isOurs && !where.strictDomains.includes(domain)
    ? kept(`${domain} asks for nothing (DMARC)`)
    : { kind: 'open', author, domain };
}

function kept(why: string): Settled {
  return { kind: 'settled', decision: { from: 'author', why } };
}

function rewritten(author: Author, why: string): Settled {
  return { kind: 'settled', decision: { from: 'rewritten', why, author } };
}

function whyNeeded({ strictDomains, ownDomains, policy }: FromQuestion, domain: string): string {
  if (ownDomains.includes(domain)) return `mail of ${domain} is signed here, where it is proved`;
  if (strictDomains.includes(domain)) return `mail of ${domain} is refused without its signature`;
  return policy === 'unknown'
    ? `nobody could find out what ${domain} asks for (DMARC)`
    : `${domain} wants unproved mail ${policy === 'reject' ? 'refused' : 'kept apart'} (DMARC)`;
}
