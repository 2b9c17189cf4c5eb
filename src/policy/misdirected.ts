import type { Rule } from './rule.ts';

export const misdirected: Rule = {
  name: 'misdirected',
  summary:
    'Carries out a "subscribe" or "unsubscribe" that was sent to the list itself, instead of posting it.',
  ends: true,
  judge: ({ list, intent }) =>
    intent && list.settings.misdirected === 'intercept'
      ? { verdict: 'intercept', why: `it reads like a request to ${intent}` }
      : undefined,
};
