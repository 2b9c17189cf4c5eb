import { z } from 'zod';
import { listDkimKeys as list } from '../../store/dkim-keys.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type DkimKeyReport, describeDkimKey } from './describe-dkim-key.ts';

const input = z.object({ domain: z.string().toLowerCase().optional(), selector: z.string().optional() });

/** Its private half never leaves the store but to sign. */
export const listDkimKeys: Operation<z.infer<typeof input>, readonly DkimKeyReport[]> = {
  name: 'list-dkim-keys',
  kind: 'query',
  summary: 'Lists the keys that mail is signed with, and their DNS records.',
  input,
  authorise: requireOperator,
  async run({ tx }, { domain, selector }) {
    const keys = await list(tx, domain);
    return keys
      .filter((key) => selector === undefined || key.selector === selector)
      .map((key) =>
        describeDkimKey(
          key,
          keys.filter((one) => one.domain === key.domain),
        ),
      );
  },
};
