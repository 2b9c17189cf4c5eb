import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/site.ts';
import { makePrivateKey } from '../../mail/signing-key.ts';
import type { Perform } from '../perform.ts';
import { addDkimKey } from './add-dkim-key.ts';
import { listDkimKeys } from './list-dkim-keys.ts';

const system: Actor = { kind: 'system' };

/** A key for every mail domain that has none: at the first start, and when a domain was added. Returns what was made. */
export async function ensureDkimKeys(perform: Perform, { domains }: Site) {
  const keys = await perform(listDkimKeys, system, {});
  const signing = new Set(keys.filter(({ state }) => state === 'active').map(({ domain }) => domain));
  const made = [];
  // Another node may be making one, too: the first to commit has made it.
  for (const domain of domains.filter((one) => !signing.has(one)))
    made.push(
      await perform(addDkimKey, system, { domain, privateKey: await makePrivateKey('rsa'), ifNone: true }),
    );
  return made;
}
