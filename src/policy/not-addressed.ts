import { type Address, parseAddress } from '../domain/address.ts';
import { listAddress } from '../domain/list.ts';
import type { Rule } from './rule.ts';

/** A blind copy looks like spam to its readers, and their reply to all does not reach the list. */
export const notAddressed: Rule = {
  name: 'not-addressed',
  summary: 'Holds mail that does not name the list, or an earlier name of it, among its recipients.',
  judge: ({ list, mail, ownNames }) => {
    if (!list.settings.require_addressed) return undefined;
    const names = new Set<Address | undefined>([listAddress(list), ...ownNames].map(parseAddress));
    return mail.addressed.some((address) => names.has(address))
      ? undefined
      : { verdict: 'hold', why: `${listAddress(list)} is not among its recipients in To and Cc` };
  },
};
