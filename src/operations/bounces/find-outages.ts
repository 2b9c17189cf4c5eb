import { z } from 'zod';
import { suspendingScore } from '../../domain/ailing.ts';
import { ailingAmong, saveAiling } from '../../store/ailing.ts';
import {
  countMembersAt,
  failingDomains,
  markOut,
  pruneOutages,
  takeBackPoints,
} from '../../store/domain-outages.ts';
import { requireOperator } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { resumeAddress } from './resume-address.ts';

const day = 86_400_000;
/** So many addresses of a domain that begin to fail on one day, and such a part of its members (email.md §6.4). */
const enough = { addresses: 20, part: 0.3 };
const outageLasts = 2 * day;

export interface Outages {
  readonly domains: readonly string[];
}

/**
 * Finds domains that fail as a whole: a mail server that moved, a name that ran out. Nothing counts there for two days, what was counted
 * since the day before is taken back, and whom it had suspended gets posts again.
 */
export const findOutages: Operation<Record<string, never>, Outages> = {
  name: 'find-outages',
  kind: 'command',
  summary: 'Finds domains that fail as a whole, so that their people do not pay for it.',
  input: z.object({}),
  authorise: requireOperator,
  run: async (context) => {
    const { tx, now } = context;
    const since = now - day;
    const domains: string[] = [];
    for (const { domain, failing } of await failingDomains(tx, { since, atLeast: enough.addresses, now })) {
      if (failing < enough.part * (await countMembersAt(tx, domain))) continue;
      await forgive(context, domain, since);
      domains.push(domain);
    }
    await pruneOutages(tx, now - day);
    return { domains };
  },
  audit: (_, { domains }) => (domains.length > 0 ? { domains: domains.join(' ').slice(0, 500) } : undefined),
};

async function forgive(context: Context, domain: string, since: number): Promise<void> {
  const { tx, now } = context;
  await markOut(tx, { domain, since, until: now + outageLasts });
  for (const email of await takeBackPoints(tx, { domain, since, suspendingScore })) {
    const ailing = (await ailingAmong(tx, [email])).get(email);
    await resumeAddress(context, email);
    // What it had before is still held against it.
    if (ailing && ailing.score > 0)
      await saveAiling(tx, [{ ...ailing, suspendedAt: null, probes: 0, probedAt: null, nextAt: null }]);
  }
}
