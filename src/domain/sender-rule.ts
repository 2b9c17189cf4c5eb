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
