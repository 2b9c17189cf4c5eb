import type { Rule } from './rule.ts';

export const bounce: Rule = {
  name: 'bounce',
  summary: 'Sends delivery reports that were addressed to the list to the bounce desk instead.',
  ends: true,
  judge: ({ mail, nullSender }) =>
    mail.report || (nullSender && !mail.vacation)
      ? { verdict: 'divert', why: 'it is a delivery report, not a post' }
      : undefined,
};
