import { z } from 'zod';
import { dayOf } from '../../domain/ailing.ts';
import { countSince } from '../../store/daily-stats.ts';
import { copiesSince } from '../../store/mailings.ts';
import { takeQuota } from '../../store/quotas.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { tellOperators } from './tell-operators.ts';

const day = 86_400_000;
/** Google wants less than the first of all copies of a day, and blocks from the second on (email.md §6.5). */
const rates = { alarm: 0.001, red: 0.003 };
/** Of a small list one angry reader is more than that. */
const atLeast = 3;

export interface ComplaintRate {
  readonly level: 'fine' | 'alarm' | 'red';
  readonly complaints: number;
  readonly copies: number;
}

/** Looks whether too many members report posts as spam, and tells the operators so once a day. */
export const watchComplaints: Operation<Record<string, never>, ComplaintRate> = {
  name: 'watch-complaints',
  kind: 'command',
  summary: 'Tells the operators, once a day, when too many members report posts as spam.',
  input: z.object({}),
  authorise: requireOperator,
  run: async (context) => {
    const { tx, now } = context;
    // Yesterday’s count, too: complaints come hours after the post.
    const since = now - day;
    const complaints = await countSince(tx, 'complaints', dayOf(since));
    if (complaints < atLeast) return { level: 'fine', complaints, copies: 0 };
    const copies = await copiesSince(tx, since - day);
    const level = levelOf(complaints / Math.max(copies, 1));
    const once = { rate: { count: 1, ms: day }, now };
    if (level !== 'fine' && (await takeQuota(tx, `complaints-told:${level}`, once))) {
      await tellOperators(context, { text: 'complaints', values: { complaints, copies, level } });
      return { level, complaints, copies };
    }
    return { level: 'fine', complaints, copies };
  },
  audit: () => undefined,
};

function levelOf(rate: number): ComplaintRate['level'] {
  if (rate >= rates.red) return 'red';
  return rate >= rates.alarm ? 'alarm' : 'fine';
}
