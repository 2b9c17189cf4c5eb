import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { pauseQueue as pause } from '../../store/queue-pause.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { describePause, type ShownPause } from './shown-pause.ts';

const input = z.object({});

export interface PausedQueue {
  readonly alreadyPaused: boolean;
  readonly paused: ShownPause | null;
}

export const pauseQueue: Operation<z.infer<typeof input>, PausedQueue> = {
  name: 'pause-queue',
  kind: 'command',
  summary: 'Stops sending; mail is accepted and queued as before.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now, actor }) => {
    const before = await describePause(tx);
    if (before) return { alreadyPaused: true, paused: before };
    await pause(tx, { at: now, why: `paused by ${describeActor(actor)}` });
    return { alreadyPaused: false, paused: await describePause(tx) };
  },
};
