import { domainPart } from '../domain/address.ts';
import { wordsOf } from '../domain/setting-words.ts';
import type { PostFacts, Rule } from './rule.ts';

export const automatic: Rule = {
  name: 'automatic',
  summary:
    'Keeps mail out that no person wrote: vacation notices vanish, robots that the list does not name are told no.',
  judge: (facts) => {
    const { mail, nullSender, behindFrontMta } = facts;
    if (mail.vacation) return { verdict: 'discard', why: 'it is an automatic reply', ends: true };
    if (isWanted(facts)) return undefined;
    if (!mail.automatic)
      return (
        facts.answersItself && { verdict: 'hold', why: 'it answers a post of its own author, as programs do' }
      );
    const why = `it was sent by a program (${mail.automatic})`;
    if (nullSender) return { verdict: 'discard', why, ends: true };
    // The other rules are asked as well: a stranger's mail that nothing proves could never go out, so it is nothing to ask anybody about.
    return behindFrontMta
      ? { verdict: 'hold', why }
      : { verdict: 'reject', why, ends: true, advice: 'The owners can name it in the list setting robots' };
  },
};

/** The list setting `robots`. All other rules still ask: naming a robot does not make it a member. */
function isWanted({ list, mail: { author } }: PostFacts): boolean {
  if (!author || list.settings.robots === '') return false;
  return wordsOf(list.settings.robots).some(
    (robot) => robot === author.email || robot === domainPart(author.email),
  );
}
