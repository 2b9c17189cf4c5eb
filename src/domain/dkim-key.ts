/** RSA (RFC 6376) is read by everybody; Ed25519 (RFC 8463) is smaller and quicker, and not read everywhere yet. */
export const keyAlgorithms = ['rsa', 'ed25519'] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

/** One key that a mail domain signs with, without its secret half. Its public half stands in DNS at `selector._domainkey.domain`. */
export interface DkimKey {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: KeyAlgorithm;
  /** p= of its DNS record, base64. */
  readonly publicKey: string;
  /** Epoch milliseconds, like the next two. */
  readonly createdAt: number;
  /** When it began to sign; null: it never has. */
  readonly activatedAt: number | null;
  /** It never signs again, and its secret half is gone. */
  readonly retiredAt: number | null;
}

/** `new` waits for its DNS record; `replaced`: another was activated after it, and it could be activated again. */
export type DkimKeyState = 'new' | 'active' | 'replaced' | 'retired';

/**
 * Mail that a key has signed may be on its way for days, and be checked again later: so long its record stays in DNS (email.md §5.6).
 * What was signed ahead when the key was retired leaves within the half hour of its claim, which these days cover.
 */
const recordStaysMs = 14 * 24 * 3_600_000;

/** Until when the record of a retired key stays in DNS, epoch milliseconds; null where it is not retired, or has never signed. */
export function recordUntil({
  activatedAt,
  retiredAt,
}: Pick<DkimKey, 'activatedAt' | 'retiredAt'>): number | null {
  return activatedAt === null || retiredAt === null ? null : retiredAt + recordStaysMs;
}

/** Which of these keys sign: of each domain and algorithm the one that was activated last. */
export function activeKeys<K extends DkimKey>(keys: readonly K[]): readonly K[] {
  const active = new Map<string, K>();
  for (const key of keys) {
    if (key.activatedAt === null || key.retiredAt !== null) continue;
    const name = `${key.domain} ${key.algorithm}`;
    if ((active.get(name)?.activatedAt ?? 0) <= key.activatedAt) active.set(name, key);
  }
  return [...active.values()];
}

/** `keys`: all of its domain. */
export function stateOf(key: DkimKey, keys: readonly DkimKey[]): DkimKeyState {
  if (key.retiredAt !== null) return 'retired';
  if (key.activatedAt === null) return 'new';
  return activeKeys(keys).some(({ id }) => id === key.id) ? 'active' : 'replaced';
}

/** `lw202611`, and where that is taken `lw202611b`, `lw202611c` … UTC. */
export function nextSelector(taken: readonly string[], now: number): string {
  const base = `lw${new Date(now).toISOString().slice(0, 7).replace('-', '')}`;
  for (let i = 0; ; i++) {
    const letters = i === 0 ? '' : i.toString(26).replace(/./g, (digit) => letterOf(digit));
    if (!taken.includes(base + letters)) return base + letters;
  }
}

function letterOf(digit: string): string {
  return String.fromCharCode(97 + Number.parseInt(digit, 26));
}

/** Where its record stands. */
export function recordName({ selector, domain }: Pick<DkimKey, 'selector' | 'domain'>): string {
  return `${selector}._domainkey.${domain}`;
}

/** The text of its record (RFC 6376 §3.6.1, RFC 8463 §4.2). */
export function recordText({ algorithm, publicKey }: Pick<DkimKey, 'algorithm' | 'publicKey'>): string {
  return `v=DKIM1; k=${algorithm}; p=${publicKey}`;
}

/** What DNS shows where a key's record should be. */
export type PublishedKey =
  | { readonly kind: 'same' }
  | { readonly kind: 'missing' }
  /** Something else, or more than one: then others may read either. */
  | { readonly kind: 'other'; readonly found: readonly string[] }
  /** Nobody could be asked just now. */
  | { readonly kind: 'unknown'; readonly why: string };
