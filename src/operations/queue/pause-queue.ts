import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { pauseQueue as pause, queuePaused } from '../../store/queue-pause.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

const input = z.object({});

export const pauseQueue: Operation<z.infer<typeof input>, { readonly alreadyPaused: boolean }> = {
  name: 'pause-queue',
  kind: 'command',
  summary: 'Stops sending; mail is accepted and queued as before.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now, actor }) => {
    if (await queuePaused(tx)) return { alreadyPaused: true };
    await pause(tx, { at: now, why: `paused by ${describeActor(actor)}` });
    return { alreadyPaused: false };
  },
};
