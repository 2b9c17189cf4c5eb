import { type Address, domainPart } from './address.ts';

export const senderActions = ['allow', 'hold', 'reject', 'discard'] as const;
export type SenderAction = (typeof senderActions)[number];

/**
 * A standing decision about who writes: an address (`alice@example.org`), a domain (`*@example.org`, its subdomains `*@*.example.org`)
 * or a pattern (`/^promo/`), of one list or of the whole site. It looks at the author's address only.
 */
export interface SenderRule {
  readonly id: number;
  /** null: the whole site. */
  readonly listId: number | null;
  readonly kind: 'address' | 'domain' | 'pattern';
  /** Canonical: what `sender ls` shows and `sender forget` takes. */
  readonly pattern: string;
  readonly action: SenderAction;
  /** describeActor of whoever made it. */
  readonly createdBy: string;
  readonly createdAt: number;
}

/**
 * Every address and domain rule that fits the author, as `pattern` says it: `a@b.example.org` → itself, `*@b.example.org`,
 * `*@*.example.org`, `*@*.org`. A domain and its subdomains are two: who trusts the one need not trust the other.
 */
export function fittingPatterns(author: Address): readonly string[] {
  const domain = domainPart(author);
  const parents = [...domain.matchAll(/\./g)].map(({ index }) => `*@*${domain.slice(index)}`);
  return [author, `*@${domain}`, ...parents];
}

/** The expression in a rule of kind `pattern`, without its slashes. */
export function expressionOf({ pattern }: Pick<SenderRule, 'pattern'>): string {
  return pattern.slice(1, -1);
}

/**
 * Of the rules that fit an author the one that counts. A ban of the site comes before everything a list says; then the list's own,
 * then what else the site says. In each place an address counts before a domain, the nearer domain before the wider, and a pattern
 * last; of several patterns the strictest.
 */
export function foremostRule(fitting: readonly SenderRule[]): SenderRule | undefined {
  const [first] = fitting.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || preciseness(b) - preciseness(a) || strictness(b) - strictness(a),
  );
  return first;
}

function placeOf({ listId, action }: SenderRule): number {
  if (listId !== null) return 1;
  return action === 'reject' || action === 'discard' ? 0 : 2;
}

/** All domain rules that fit one author are ends of the same name: the longest is the nearest, and `*@d` is nearer than `*@*.d`. */
function preciseness({ kind, pattern }: SenderRule): number {
  if (kind === 'address') return 1000;
  if (kind === 'pattern') return 0;
  return pattern.startsWith('*@*.') ? pattern.length : 500;
}

export function strictness({ action }: Pick<SenderRule, 'action'>): number {
  return senderActions.indexOf(action);
}
