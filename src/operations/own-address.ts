import { type Address, domainPart } from '../domain/address.ts';
import { readRecipient } from '../domain/resolve-mailbox.ts';
import { findNames } from '../store/list-names.ts';
import type { Context } from './operation.ts';

/**
 * Those of some addresses that are ours: a list or a service address. As members they would send every post round in circles.
 * Only addresses at our own domains cost a query, and those are few.
 */
export async function ownAmong(
  { tx, site }: Pick<Context, 'tx' | 'site'>,
  emails: readonly Address[],
): Promise<ReadonlySet<Address>> {
  const own = new Set<Address>();
  for (const email of emails) {
    if (!site.domains.includes(domainPart(email))) continue;
    const reading = readRecipient(email, site);
    const ours =
      reading.kind === 'question'
        ? (
            await findNames(
              tx,
              reading.domain,
              reading.readings.map(({ name }) => name),
            )
          ).length > 0
        : reading.kind !== 'refused';
    if (ours) own.add(email);
  }
  return own;
}
