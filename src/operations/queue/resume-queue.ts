import { z } from 'zod';
import { queuePaused, resumeQueue as resume } from '../../store/queue-pause.ts';
import { putOffGivingUp } from '../../store/time-off.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

const input = z.object({});

export const resumeQueue: Operation<z.infer<typeof input>, { readonly wasPaused: boolean }> = {
  name: 'resume-queue',
  kind: 'command',
  summary: 'Goes on sending after a pause.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now }) => {
    const pause = await queuePaused(tx);
    if (!pause) return { wasPaused: false };
    await resume(tx);
    // Else what waited for days would fail, untried.
    await putOffGivingUp(tx, { since: pause.at, now });
    return { wasPaused: true };
  },
};
