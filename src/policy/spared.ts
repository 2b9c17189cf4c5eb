import { isOfOperator } from '../domain/actor.ts';
import type { HeaderRule } from '../domain/header-rule.ts';
import type { SenderRule } from '../domain/sender-rule.ts';

/**
 * Nobody who looks after a list shuts another one out who does: neither by a ban from before that one did, such as set-sender-rule would let nobody
 * of the list make now, nor, or have their posts wait, by a field that only their mail has. Of somebody who is proved to look after the list: whether a
 * rule is not about them. The operator may mean everybody.
 */
export function sparesOfficers(rule: SenderRule | HeaderRule): boolean {
  const { action, createdBy } = rule;
  const holdsBack = action === 'reject' || action === 'discard' || ('field' in rule && action === 'hold');
  return holdsBack && !isOfOperator(createdBy);
}
