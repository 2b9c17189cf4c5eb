import type { Rule } from './rule.ts';

export const emergency: Rule = {
  name: 'emergency',
  summary: 'Holds everything while the list is in emergency moderation.',
  judge: ({ list }) =>
    list.settings.emergency
      ? { verdict: 'hold', why: 'every post to this list waits for a moderator just now' }
      : undefined,
};
