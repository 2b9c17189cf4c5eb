import type { DkimKey } from '../../domain/dkim-key.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Site } from '../../domain/site.ts';
import { listDkimKeys } from '../../store/dkim-keys.ts';
import type { Context } from '../operation.ts';

/** The key of that selector, with all keys of its domain. Without a domain it must be the only one of that name. */
export async function findDkimKey(
  { tx }: Context,
  { selector, domain }: { readonly selector: string; readonly domain?: string | undefined },
): Promise<{ readonly key: DkimKey; readonly keys: readonly DkimKey[] }> {
  const all = await listDkimKeys(tx, domain);
  const [key, ...others] = all.filter((one) => one.selector === selector);
  if (!key)
    throw new Refusal('not-found', `There is no key “${selector.slice(0, 100)}”; “dkim show” lists them.`);
  if (others.length > 0)
    throw new Refusal('invalid', `Several domains have a key ${selector}: say which with --domain.`);
  return { key, keys: all.filter((one) => one.domain === key.domain) };
}

/** A mail domain of ours; without a word the only one. */
export function ownDomain({ domains }: Site, domain: string | undefined): string {
  const asked = domain?.toLowerCase() ?? domains[0];
  if (!domains.includes(asked))
    throw new Refusal(
      'not-found',
      `“${asked.slice(0, 100)}” is none of our mail domains: ${domains.join(', ')}.`,
    );
  if (domain === undefined && domains.length > 1)
    throw new Refusal('invalid', `Say for which domain, with --domain: ${domains.join(', ')}.`);
  return asked;
}
