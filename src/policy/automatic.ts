import type { Rule } from './rule.ts';

export const automatic: Rule = {
  name: 'automatic',
  summary: 'Keeps mail out that no person wrote: vacation notices vanish, other robots are told no.',
  ends: true,
  judge: ({ mail, nullSender, behindFrontMta }) => {
    if (mail.vacation) return { verdict: 'discard', why: 'it is an automatic reply' };
    if (!mail.automatic) return undefined;
    const why = `it was sent by a program (${mail.automatic})`;
    if (nullSender) return { verdict: 'discard', why };
    return { verdict: behindFrontMta ? 'hold' : 'reject', why };
  },
};
