import { z } from 'zod';
import { queueStatus as readQueueStatus, type QueueGroup as StoredGroup } from '../../store/queue-status.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { describePause, type ShownPause } from './shown-pause.ts';

export interface QueueReport {
  readonly queued: number;
  readonly deferred: number;
  readonly failed: number;
  /** ISO 8601, or null when nothing waits. */
  readonly oldestQueuedAt: string | null;
  readonly groups: readonly QueueGroup[];
  readonly paused: ShownPause | null;
}

export interface QueueGroup extends Omit<StoredGroup, 'nextAt'> {
  /** ISO 8601: when the first of the deferred ones is tried; null where there is none. */
  readonly nextAt: string | null;
}

const input = z.object({});

export const queueStatus: Operation<z.infer<typeof input>, QueueReport> = {
  name: 'queue-status',
  kind: 'query',
  summary: 'Shows how much mail waits to be sent, where to, and what the next hop said last.',
  input,
  authorise: requireOperator,
  run: async ({ tx }) => {
    const { oldestQueuedAt, groups, ...counts } = await readQueueStatus(tx);
    return {
      ...counts,
      groups: groups.map((group) => ({
        ...group,
        nextAt: group.nextAt === null ? null : new Date(group.nextAt).toISOString(),
      })),
      oldestQueuedAt: oldestQueuedAt === null ? null : new Date(oldestQueuedAt).toISOString(),
      paused: await describePause(tx),
    };
  },
};
