import { wordsOf } from '../domain/setting-words.ts';
import type { Rule } from './rule.ts';

/** Between two lists that are members of each other mail would go round; a parent list is one whose posts are wanted. */
export const otherList: Rule = {
  name: 'other-list',
  summary: 'Holds mail that comes from another mailing list, unless it is a parent list of this one.',
  liftedByAllow: true,
  judge: ({ list: { settings }, mail }) => {
    const isListMail = mail.listIds.length > 0 || mail.precedence === 'list';
    if (!isListMail || settings.other_lists === 'accept') return undefined;
    const parents = wordsOf(settings.parent_lists);
    if (mail.listIds.some((id) => parents.includes(id))) return undefined;
    const [id] = mail.listIds;
    return {
      verdict: 'hold',
      why: id ? `it comes from another mailing list (${id})` : 'it comes from another mailing list',
    };
  },
};
