import type { Rule } from './rule.ts';

export const loop: Rule = {
  name: 'loop',
  summary: 'Drops mail that has been through this list before.',
  ends: true,
  judge: ({ mail, ownNames }) =>
    [...mail.listIds, ...mail.beenAt].some((name) => ownNames.includes(name))
      ? { verdict: 'discard', why: 'it has been through this list before' }
      : undefined,
};
