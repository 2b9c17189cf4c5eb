/** Which hosts take mail for a domain, in which order (RFC 5321 §5.1). */

export interface MxRecord {
  /** Without the dot at the end; '' is the root. */
  readonly exchange: string;
  /** The lowest is preferred. */
  readonly priority: number;
}

export type MailHosts =
  /** Groups of equal preference, the preferred first; at most `mostHosts` in all. */
  | { readonly kind: 'hosts'; readonly tiers: readonly (readonly string[])[] }
  /** It says that it takes no mail (RFC 7505). */
  | { readonly kind: 'null-mx' }
  /** All that is left are we ourselves. */
  | { readonly kind: 'loop' };

/** More are nobody's mail servers. */
export const mostHosts = 10;

/** `records`: none stands for the implicit MX, the domain itself. `isOurs`: the host is this server. */
export function mailHosts(
  domain: string,
  records: readonly MxRecord[],
  isOurs: (host: string) => boolean,
): MailHosts {
  const all = records.length === 0 ? [{ exchange: domain, priority: 0 }] : records;
  const named = all.filter(({ exchange }) => exchange !== '' && exchange !== '.');
  // RFC 7505 §3: it stands alone; beside real hosts it means nothing.
  if (named.length === 0) return { kind: 'null-mx' };
  const ours = Math.min(...named.filter(({ exchange }) => isOurs(nameOf(exchange))).map((mx) => mx.priority));
  // RFC 5321 §5.1: who is in the list itself may only pass mail on to who is preferred to it.
  const before = named.filter(({ priority }) => priority < ours);
  if (before.length === 0) return { kind: 'loop' };
  return { kind: 'hosts', tiers: tiersOf(before) };
}

function tiersOf(records: readonly MxRecord[]): readonly (readonly string[])[] {
  const sorted = [...records].sort(
    (a, b) => a.priority - b.priority || compare(nameOf(a.exchange), nameOf(b.exchange)),
  );
  const tiers = new Map<number, string[]>();
  const seen = new Set<string>();
  for (const { exchange, priority } of sorted) {
    const host = nameOf(exchange);
    if (seen.has(host) || seen.size === mostHosts) continue;
    seen.add(host);
    const tier = tiers.get(priority);
    if (tier) tier.push(host);
    else tiers.set(priority, [host]);
  }
  return [...tiers.values()];
}

/** Equal preferences in an order of chance, anew each time: it spreads the load (RFC 5321 §5.1). `random`: 0 to 1, each time another. */
export function inOrder(tiers: readonly (readonly string[])[], random: () => number): readonly string[] {
  return tiers.flatMap((tier) => {
    const left = [...tier];
    return tier.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
  });
}

function nameOf(exchange: string): string {
  return exchange.replace(/\.$/, '').toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
