import type { Rule } from './rule.ts';

export const tooManyRecipients: Rule = {
  name: 'too-many-recipients',
  summary: 'Holds a post to more addresses than the list allows: whoever replies to all writes to them, too.',
  judge: ({ list: { settings }, mail }) =>
    settings.max_recipients > 0 && mail.addressedCount > settings.max_recipients
      ? {
          verdict: 'hold',
          why: `it names ${mail.addressedCount} addresses in To and Cc; the list allows ${settings.max_recipients}`,
        }
      : undefined,
};
