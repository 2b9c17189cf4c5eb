import { Refusal } from '../../domain/refusal.ts';
import type { Site } from '../../domain/site.ts';

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
