import { z } from 'zod';
import { asciiLowerCase } from '../domain/address.ts';
import type { List } from '../domain/list.ts';
import { isListName } from '../domain/list-name.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Site } from '../domain/site.ts';
import type { ListName } from '../store/list-names.ts';
import { findListByName } from '../store/lists.ts';
import type { Context } from './operation.ts';

/** A list as people name it: its address, or its local part where the site has one domain. Read by `findList`. */
export const listInput = z.string().trim().min(1).max(254);

/** The list that answers to what somebody wrote, under an earlier name too. */
export async function findList({ tx, site }: Pick<Context, 'tx' | 'site'>, text: string): Promise<List> {
  const address = readListAddress(site, text);
  // What cannot be a name is not asked for: PostgreSQL takes no NUL.
  const list = isListName(address.name) ? await findListByName(tx, address) : undefined;
  if (!list) throw new Refusal('not-found', `There is no list "${text}" here.`);
  return list;
}

/** Splits what somebody wrote into name and domain, which must be one of ours. */
export function readListAddress({ domains }: Site, text: string): ListName {
  const [name = '', domain, ...rest] = asciiLowerCase(text.trim()).split('@');
  if (domain === undefined && domains.length === 1) return { name, domain: domains[0] };
  if (domain === undefined) {
    throw new Refusal(
      'invalid',
      `Write the whole address, such as ${name}@${domains[0]}: this site has several domains.`,
    );
  }
  if (rest.length > 0 || !domains.includes(domain)) {
    throw new Refusal('invalid', `"${text}" is at no domain of this site; ours: ${domains.join(', ')}.`);
  }
  return { name, domain };
}
