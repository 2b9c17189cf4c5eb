import type { Rule } from './rule.ts';

export const moderated: Rule = {
  name: 'moderated',
  summary: 'Holds every post of a moderated list.',
  judge: ({ list }) =>
    list.settings.moderated
      ? { verdict: 'hold', why: 'every post to this list is read by a moderator first' }
      : undefined,
};
