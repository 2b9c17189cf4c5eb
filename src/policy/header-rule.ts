import { type HeaderRule, headerActions } from '../domain/header-rule.ts';
import type { Rule } from './rule.ts';

/** Of several that match the strictest counts; all of them are named, without their patterns. */
export const headerRule: Rule = {
  name: 'header-rule',
  summary: 'Does what owners or the operator want done with mail that has this in its header.',
  judge: ({ headerRules }) => {
    const [first, ...rest] = headerRules;
    if (!first) return undefined;
    const strictest = rest.reduce((a, b) => (strictness(b) > strictness(a) ? b : a), first);
    const fields = headerRules.filter(({ action }) => action === strictest.action).map(nameOf);
    return { verdict: strictest.action, why: `a rule about its ${[...new Set(fields)].join(', ')} says so` };
  },
};

/** In the order of `decide`: accept, hold, discard, reject. */
function strictness({ action }: HeaderRule): number {
  return action === 'discard' ? 2 : action === 'reject' ? 3 : headerActions.indexOf(action);
}

/** `x-mailer` → `X-Mailer`. */
function nameOf({ field }: HeaderRule): string {
  return field.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
