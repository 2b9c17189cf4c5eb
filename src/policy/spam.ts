import type { Rule } from './rule.ts';

/** What the spam filter says is never dropped in silence: a wrong guess must reach somebody (email.md §4.5). */
export const spam: Rule = {
  name: 'spam',
  summary: 'Does what the spam filter asks: holds or refuses what it marks, refuses what it is sure of.',
  judge: ({ list, checks }) => {
    if (!checks.spam) return undefined;
    const { action, score } = checks.spam;
    const why = `the spam filter takes it for spam (score ${score})`;
    const advice = 'Write it differently, or ask the people who run your mail';
    switch (action) {
      case 'accept':
        return undefined;
      case 'mark':
        return list.settings.spam === 'hold' ? { verdict: 'hold', why } : { verdict: 'reject', why, advice };
      case 'later':
        return { verdict: 'defer', why: 'the spam filter wants to see it once more' };
      case 'reject':
        return { verdict: 'reject', why, advice };
    }
  },
};
