import { z } from 'zod';
import { activeKeys, stateOf } from '../../domain/dkim-key.ts';
import { Refusal } from '../../domain/refusal.ts';
import { retireDkimKey as retire } from '../../store/dkim-keys.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type DkimKeyReport, describeDkimKey } from './describe-dkim-key.ts';
import { findDkimKey } from './find-dkim-key.ts';

const input = z.object({
  selector: z.string(),
  /** Without it the selector must be of one domain only. */
  domain: z.string().toLowerCase().optional(),
});

export const retireDkimKey: Operation<z.infer<typeof input>, DkimKeyReport> = {
  name: 'retire-dkim-key',
  kind: 'command',
  summary: 'Never signs with a key again, and forgets its private half.',
  input,
  authorise: requireOperator,
  async run(context, named) {
    const { key, keys } = await findDkimKey(context, named);
    const state = stateOf(key, keys);
    if (state === 'retired') throw new Refusal('conflict', `${key.selector} is retired already.`);
    // Ed25519 is an addition: without it mail is still signed so that everybody can read it.
    const others = activeKeys(keys).filter(({ id }) => id !== key.id);
    if (state === 'active' && !others.some(({ algorithm }) => algorithm === 'rsa'))
      throw new Refusal('conflict', `${key.selector} signs now: activate another RSA key first.`);
    await retire(context.tx, key.id, context.now);
    return describeDkimKey({ ...key, retiredAt: context.now }, keys);
  },
  audit: (_, { domain, selector }) => ({ domain, selector }),
};
