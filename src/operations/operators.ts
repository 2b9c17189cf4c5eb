import { type Address, parseAddress } from '../domain/address.ts';
import type { Site } from '../domain/site.ts';

/** The people who run the site: what belongs to nobody else is theirs. */
export function operatorsOf({ operators }: Site): readonly Address[] {
  return operators.flatMap((text) => parseAddress(text) ?? []);
}
