import { isOfOperator } from '../domain/actor.ts';
import { type HeaderRule, headerActions } from '../domain/header-rule.ts';
import { looksAfterList } from './identity.ts';
import type { PostFacts, Rule } from './rule.ts';

/** Of several that match the strictest counts; all of them are named, without their patterns. */
export const headerRule: Rule = {
  name: 'header-rule',
  summary: 'Does what owners or the operator want done with mail that has this in its header.',
  judge: (facts) => {
    const counting = facts.headerRules.filter((rule) => !spares(rule, facts));
    const [first, ...rest] = counting;
    if (!first) return undefined;
    const strictest = rest.reduce((a, b) => (strictness(b) > strictness(a) ? b : a), first);
    const fields = counting.filter(({ action }) => action === strictest.action).map(nameOf);
    return { verdict: strictest.action, why: `a rule about its ${[...new Set(fields)].join(', ')} says so` };
  },
};

/**
 * Nobody who looks after a list shuts another one out who does, or has their posts wait, by a field that only their mail has: what people of
 * the list decide is about members and strangers. The operator may mean everybody.
 */
function spares({ action, createdBy }: HeaderRule, facts: PostFacts): boolean {
  return looksAfterList(facts) && action !== 'accept' && !isOfOperator(createdBy);
}

/** In the order of `decide`: accept, hold, discard, reject. */
function strictness({ action }: HeaderRule): number {
  return action === 'discard' ? 2 : action === 'reject' ? 3 : headerActions.indexOf(action);
}

/** `x-mailer` → `X-Mailer`. */
function nameOf({ field }: HeaderRule): string {
  return field.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
