import { isDisowned } from './identity.ts';
import type { Rule } from './rule.ts';

export const misdirected: Rule = {
  name: 'misdirected',
  summary:
    'Carries out a "subscribe" or "unsubscribe" that was sent to the list itself, instead of posting it.',
  ends: true,
  judge: (facts) =>
    facts.intent && facts.list.settings.misdirected === 'intercept' && !isDisowned(facts)
      ? { verdict: 'intercept', why: `it reads like a request to ${facts.intent}` }
      : undefined,
};
