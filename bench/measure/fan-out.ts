import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../figure.ts';
import { makeMail } from '../load/mail.ts';
import { memberAddress } from '../load/members.ts';
import { openSender } from '../load/sender.ts';
import type { RunningServer } from '../servers/server.ts';

export interface FanOutTimes {
  /** Milliseconds from the 250 of the post until the first and the last member had it. */
  readonly first: number;
  readonly last: number;
}

export interface FanOutQuestion {
  readonly list: string;
  readonly members: number;
  /** Of the post. */
  readonly bytes?: number;
  /** Until every member has it; 300 where it is not said. */
  readonly seconds?: number;
}

/** One post, until the far end has taken it for every member, and for each of them once. */
export async function fanOut(
  bench: Bench,
  server: Pick<RunningServer, 'port'>,
  question: FanOutQuestion,
): Promise<FanOutTimes> {
  const { reached, ...times } = await postOnce(bench, server, question);
  // What comes late is counted too, and nothing of this round is left over for the next one.
  await delay(500);
  const { recipients } = await bench.sink.read();
  if (reached !== question.members || recipients !== question.members)
    throw new Error(`${recipients} recipients, ${reached} members got a post for ${question.members}.`);
  return times;
}

/** One post, until every member has it or the time is up. */
export async function postOnce(
  { sink }: Bench,
  server: Pick<RunningServer, 'port'>,
  { list, members, bytes = 4096, seconds = 300 }: FanOutQuestion,
): Promise<FanOutTimes & { readonly reached: number }> {
  const sender = await openSender(server.port, 1);
  await sink.reset();
  const from = memberAddress(0);
  const [accepted = Number.NaN] = await sender.send([makeMail({ from, to: list, bytes })], {
    from,
    to: list,
  });
  const counters = await sink.members(members, seconds);
  sender.close();
  return { reached: counters.members, first: counters.first - accepted, last: counters.last - accepted };
}
