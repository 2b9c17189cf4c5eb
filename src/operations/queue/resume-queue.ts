import { z } from 'zod';
import { resumeQueue as resume } from '../../store/queue-pause.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

const input = z.object({});

export const resumeQueue: Operation<z.infer<typeof input>, { readonly wasPaused: boolean }> = {
  name: 'resume-queue',
  kind: 'command',
  summary: 'Goes on sending after a pause.',
  input,
  authorise: requireOperator,
  run: async ({ tx }) => ({ wasPaused: await resume(tx) }),
};
