import { z } from 'zod';
import { activeKeys, keyAlgorithms, nextSelector } from '../../domain/dkim-key.ts';
import { openPrivateKey, publicHalf } from '../../mail/signing-key.ts';
import { insertDkimKey, listDkimKeys } from '../../store/dkim-keys.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type DkimKeyReport, describeDkimKey } from './describe-dkim-key.ts';
import { ownDomain } from './find-dkim-key.ts';

const input = z.object({
  /** Without it the only one. */
  domain: z.string().optional(),
  algorithm: z.enum(keyAlgorithms).default('rsa'),
  /** PKCS #8, DER: made before, because that takes a while. */
  privateKey: z.instanceof(Buffer),
  /** Only where no key of the domain signs: what comes back then is the one that does. */
  ifNone: z.boolean().default(false),
});

/**
 * The first key of a domain signs at once, because a signature without its record is worth as much as none; the next one waits until DNS
 * shows it.
 */
export const addDkimKey: Operation<z.infer<typeof input>, DkimKeyReport> = {
  name: 'add-dkim-key',
  kind: 'command',
  summary: 'Gives a mail domain another key to sign with.',
  input,
  authorise: requireOperator,
  async run({ tx, site, now }, { domain: given, algorithm, privateKey, ifNone }) {
    const domain = ownDomain(site, given);
    const keys = await listDkimKeys(tx, domain);
    const [active] = activeKeys(keys);
    if (ifNone && active) return describeDkimKey(active, keys);
    const selector = nextSelector(
      keys.map((key) => key.selector),
      now,
    );
    const publicKey = publicHalf(algorithm, openPrivateKey(privateKey));
    const activatedAt = active || algorithm !== 'rsa' ? null : now;
    await insertDkimKey(tx, {
      domain,
      selector,
      algorithm,
      publicKey,
      privateKey,
      createdAt: now,
      activatedAt,
    });
    const made = {
      id: 0,
      domain,
      selector,
      algorithm,
      publicKey,
      createdAt: now,
      activatedAt,
      retiredAt: null,
    };
    return describeDkimKey(made, [...keys, made]);
  },
  audit: (_, { domain, selector, algorithm, state }) => ({ domain, selector, algorithm, state }),
};
