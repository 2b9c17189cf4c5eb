import type { Rule } from './rule.ts';

/** Neither is a fault that keeps a post back: the first may be all in a subject, the second in the text. A moderator sees it. */
export const empty: Rule = {
  name: 'empty',
  summary: 'Notes that a post says nothing, or has no subject; it goes out all the same.',
  judge: ({ mail, empty: saysNothing }) => {
    if (saysNothing) return { verdict: 'accept', why: 'it has neither text nor attachments' };
    return mail.subject === '' ? { verdict: 'accept', why: 'it has no subject' } : undefined;
  },
};
