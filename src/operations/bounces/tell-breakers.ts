import { z } from 'zod';
import { markTold, mostCounted, type UntoldBreaker, untoldBreakers } from '../../store/breaker-news.ts';
import { requireOperator } from '../authorise.ts';
import { formatDay } from '../notices.ts';
import type { Operation } from '../operation.ts';
import { tellOperators } from './tell-operators.ts';

/** Told of in one run. */
const atOnce = 20;

/** Tells the operators of posts that a destination refuses for what they are (email.md §6.3); what it told of is for the log, too. */
export const tellBreakers: Operation<
  Record<string, never>,
  { readonly breakers: readonly UntoldBreaker[] }
> = {
  name: 'tell-breakers',
  kind: 'command',
  summary: 'Tells the operators of posts that a destination refuses for what they are.',
  input: z.object({}),
  authorise: requireOperator,
  run: async (context) => {
    const { tx, now } = context;
    const breakers = await untoldBreakers(tx, atOnce);
    for (const breaker of breakers) await markTold(tx, breaker, now);
    if (breakers.length > 0) {
      await tellOperators(context, {
        text: 'posts-refused',
        values: {
          count: new Set(breakers.map(({ postId }) => postId)).size,
          posts: breakers.map(describe).join('\n\n'),
        },
      });
    }
    return { breakers };
  },
  audit: () => undefined,
};

function describe(breaker: UntoldBreaker): string {
  const { list, subject, domain, said } = breaker;
  const what = whatFollows(breaker);
  return `  “${subject.slice(0, 100)}” (${list}), at ${domain}:\n    ${said.slice(0, 200)}\n    ${what}`;
}

function whatFollows({ mungedMailingId, waiting, until, domain }: UntoldBreaker): string {
  if (mungedMailingId !== null)
    return 'It speaks of DMARC: they get it once more, from the address of the list.';
  if (waiting === 0) return 'Nobody else there waits for it.';
  const who = waiting < mostCounted ? `${waiting} more` : `More than ${waiting}`;
  const wait = waiting === 1 ? 'waits' : 'wait';
  return `${who} ${wait} for it until ${formatDay(until)}; “npx listwright queue ls --domain ${domain}” names them.`;
}
