import type { RecipientResult } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { Decision, Reason } from '../../domain/verdict.ts';
import { bearsMember } from '../../policy/identity.ts';
import type { PostFacts } from '../../policy/rule.ts';

type Refused = Extract<RecipientResult, { readonly kind: 'refused' }>;

/** Why a post is refused and what its sender can do: the words that stand in the bounce of their own mail server. */
export function refusePost(list: List, { reasons }: Decision): Refused {
  const refusing = reasons.filter(({ verdict }) => verdict === 'reject');
  const advice = [...new Set(refusing.flatMap((reason) => reason.advice ?? []))];
  const why = [`Not posted to ${listAddress(list)}: ${explain(refusing)}`, ...advice].join('. ');
  return refusing.some(({ rule }) => rule === 'too-large')
    ? { kind: 'refused', code: 552, enhanced: '5.3.4', why }
    : { kind: 'refused', code: 550, enhanced: '5.7.1', why };
}

/**
 * Behind a front MTA our refusal would become its bounce, to a perhaps forged sender: a member's post waits, the rest is dropped. Undefined
 * where the sender's own server hears it.
 */
export function insteadOfRefusal(facts: PostFacts): 'hold' | 'discard' | undefined {
  if (!facts.behindFrontMta) return undefined;
  return bearsMember(facts) ? 'hold' : 'discard';
}

/** RFC 3463 §3.5, §3.8: that DNS does not answer is the directory's fault, all else our own policy. */
export function askToComeAgain({ reasons }: Decision): Refused {
  const waiting = reasons.filter(({ verdict }) => verdict === 'defer');
  const asks = (rule: string) => waiting.some((reason) => reason.rule === rule);
  const why = `${explain(waiting)}. Try again later`;
  if (asks('rate')) return { kind: 'refused', code: 450, enhanced: '4.7.1', why };
  return { kind: 'refused', code: 451, enhanced: asks('identity') ? '4.4.3' : '4.7.1', why };
}

/** All reasons in one line. */
export function explain(reasons: readonly Reason[]): string {
  return reasons.map((reason) => reason.why).join('; ');
}
