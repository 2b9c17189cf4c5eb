import type { Rule } from './rule.ts';

export const locked: Rule = {
  name: 'locked',
  summary: 'Holds answers into a conversation that a moderator has locked.',
  judge: ({ threadLocked }) =>
    threadLocked ? { verdict: 'hold', why: 'a moderator has closed the conversation it answers' } : undefined,
};
