import { z } from 'zod';
import { activeKeys, type PublishedKey, recordName, stateOf } from '../../domain/dkim-key.ts';
import { Refusal } from '../../domain/refusal.ts';
import { activateDkimKey as activate } from '../../store/dkim-keys.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { type DkimKeyReport, describeDkimKey } from './describe-dkim-key.ts';
import { findDkimKey } from './find-dkim-key.ts';

const input = z.object({
  selector: z.string(),
  /** Without it the selector must be of one domain only. */
  domain: z.string().toLowerCase().optional(),
  /** What DNS shows just now. */
  published: z.custom<PublishedKey>(),
  /** Whatever DNS shows. */
  force: z.boolean().default(false),
});

export interface ActivatedKey extends DkimKeyReport {
  /** The selector of the key that signed until now. */
  readonly replaces: string | undefined;
}

export const activateDkimKey: Operation<z.infer<typeof input>, ActivatedKey> = {
  name: 'activate-dkim-key',
  kind: 'command',
  summary: 'Signs with another key from now on.',
  input,
  authorise: requireOperator,
  async run(context, { published, force, ...named }) {
    const { key, keys } = await findDkimKey(context, named);
    const state = stateOf(key, keys);
    if (state === 'retired')
      throw new Refusal('conflict', `${key.selector} is retired; make another with “dkim new”.`);
    if (state === 'active') throw new Refusal('conflict', `${key.selector} signs already.`);
    if (published.kind !== 'same' && !force)
      throw new Refusal('conflict', complaint(recordName(key), published));
    const before = activeKeys(keys).find(({ algorithm }) => algorithm === key.algorithm);
    await activate(context.tx, key.id, context.now);
    const now = { ...key, activatedAt: context.now };
    return {
      ...describeDkimKey(now, [...keys.filter(({ id }) => id !== key.id), now]),
      replaces: before?.selector,
    };
  },
  audit: ({ force }, { domain, selector, replaces }) => ({ domain, selector, replaces, force }),
};

function complaint(name: string, published: Exclude<PublishedKey, { kind: 'same' }>): string {
  switch (published.kind) {
    case 'missing':
      return `DNS has no TXT record at ${name} yet. “dkim show” prints it; a new one may take as long to be seen as the zone says.`;
    case 'other':
      return published.found.length > 1
        ? `DNS has ${published.found.length} TXT records at ${name}: others may read any of them. Leave the one that “dkim show” prints.`
        : `DNS has another key at ${name} than this one: compare it with “dkim show”.`;
    case 'unknown':
      return `DNS could not be asked for ${name}: ${published.why}.`;
  }
}
