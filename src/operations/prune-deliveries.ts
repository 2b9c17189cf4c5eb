import { z } from 'zod';
import { pruneMailings } from '../store/prune.ts';
import { requireOperator } from './authorise.ts';
import type { Operation } from './operation.ts';

/** Bounces name their delivery; later than this after the last attempt none comes (email.md §6.1). */
const keptMs = 30 * 86_400_000;

const input = z.object({});

export const pruneDeliveries: Operation<z.infer<typeof input>, { readonly more: boolean }> = {
  name: 'prune-deliveries',
  kind: 'command',
  summary: 'Forgets deliveries that have been final for 30 days, a batch at a time.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now }) => ({ more: await pruneMailings(tx, now - keptMs) }),
  // Hundreds of batches a night would bury what people did.
  audit: () => undefined,
};
