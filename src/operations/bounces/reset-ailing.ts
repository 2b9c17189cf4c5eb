import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { addressInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { ofListInput, requireAbout, requireOnList } from './require-about.ts';
import { resumeAddress } from './resume-address.ts';

const input = z.object({ email: addressInput, list: ofListInput });

/** For whoever knows better: the provider had trouble and says that it is over. */
export const resetAiling: Operation<z.infer<typeof input>, { readonly email: string }> = {
  name: 'reset-ailing',
  kind: 'command',
  summary: 'Forgets that mail to an address failed: it gets its posts again, on all its lists.',
  input,
  authorise: requireAbout,
  run: async (context, { email, list }) => {
    await requireOnList(context, { email, list });
    if (!(await resumeAddress(context, email)))
      throw new Refusal('not-found', `Nothing is held against ${email}.`);
    return { email };
  },
};
