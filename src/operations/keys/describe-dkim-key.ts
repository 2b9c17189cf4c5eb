import {
  type DkimKey,
  type DkimKeyState,
  type KeyAlgorithm,
  recordName,
  recordText,
  recordUntil,
  stateOf,
} from '../../domain/dkim-key.ts';

/** A key as people see it; times in epoch milliseconds. */
export interface DkimKeyReport {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: KeyAlgorithm;
  /** p= of the record. */
  readonly publicKey: string;
  readonly state: DkimKeyState;
  readonly createdAt: number;
  readonly activatedAt: number | null;
  readonly retiredAt: number | null;
  /** Of a retired key: until then its record stays in DNS. null: it has signed nothing, or is not retired. */
  readonly recordUntil: number | null;
  /** The TXT record that must stand in DNS, unsplit. */
  readonly record: { readonly name: string; readonly text: string };
}

/** `keys`: all of its domain. */
export function describeDkimKey(key: DkimKey, keys: readonly DkimKey[]): DkimKeyReport {
  const { domain, selector, algorithm, publicKey, createdAt, activatedAt, retiredAt } = key;
  const record = { name: recordName(key), text: recordText(key) };
  return {
    domain,
    selector,
    algorithm,
    publicKey,
    state: stateOf(key, keys),
    createdAt,
    activatedAt,
    retiredAt,
    recordUntil: recordUntil(key),
    record,
  };
}
