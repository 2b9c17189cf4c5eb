import type { SenderAction } from '../domain/sender-rule.ts';
import type { Finding, Rule } from './rule.ts';

/** The reason names the author, never the pattern: whoever is kept out would only learn how to get around it. */
export const senderRule: Rule = {
  name: 'sender-rule',
  summary: 'Does what owners or the operator have decided about this sender; a ban asks nothing further.',
  judge: ({ senderRule: rule, mail }) => {
    if (!rule) return undefined;
    const author = mail.author?.email ?? 'this sender';
    return findings[rule.action](author, rule.listId === null ? 'site' : 'list');
  },
};

const findings: Readonly<Record<SenderAction, (author: string, where: 'site' | 'list') => Finding>> = {
  allow: (author, where) => ({ verdict: 'accept', why: `${author} may always post to this ${where}` }),
  hold: (author) => ({ verdict: 'hold', why: `every post of ${author} is read by a moderator first` }),
  reject: (author, where) => ({
    verdict: 'reject',
    why: `this ${where} takes no mail from ${author}`,
    ends: true,
  }),
  discard: (author, where) => ({
    verdict: 'discard',
    why: `${author} is banned from this ${where}`,
    ends: true,
  }),
};
