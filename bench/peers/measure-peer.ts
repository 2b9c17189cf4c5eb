import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, type Figure, spreadOf } from '../figure.ts';
import { postOnce } from '../measure/fan-out.ts';
import { deliveredPerSecond } from '../measure/small-list.ts';
import { findProgram, type Peer, type PeerList, type RunningPeer } from './peer.ts';

/** Slow ones are stopped after this; their rate is that of those who were reached. */
const seconds = 100;

/** The same loads, into the same sink. Nothing where it is not installed, and a note that says so. */
export async function measurePeer(bench: Bench, peer: Peer): Promise<Figure[]> {
  if (!findProgram(peer.program)) {
    bench.note(`${peer.name} is not installed: apt-get install --no-install-recommends ${peer.package}`);
    return [];
  }
  bench.note(`measuring ${peer.name}`);
  const running = await peer.start(bench);
  try {
    const figures: Figure[] = [];
    for (const list of running.lists) {
      const found =
        list.members === 10 ? [await smallList(bench, running, list)] : await fanOuts(bench, running, list);
      figures.push(...found.map((figure) => ({ ...figure, what: `${peer.name}: ${figure.what}` })));
    }
    return figures;
  } finally {
    await running.stop();
  }
}

async function fanOuts(
  bench: Bench,
  server: RunningPeer,
  { address, members, copies }: PeerList,
): Promise<Figure[]> {
  const rates: number[] = [];
  const firsts: number[] = [];
  for (let run = 0; run < Math.min(bench.options.runs, 3); run++) {
    const { reached, first, last } = await postOnce(bench, server, { list: address, members, seconds });
    rates.push(reached / (last / 1000));
    firsts.push(first);
    // One that was stopped is still sending: another post would only queue behind it.
    if (reached < members) break;
    await delay(2_000);
  }
  const size = members.toLocaleString('en');
  return [
    {
      target: copies === 'shared' ? 3 : 1,
      what: `fan-out to ${size}, ${copies} copies`,
      unit: 'recipients/s',
      ours: spreadOf(rates),
    },
    { target: 4, what: `first recipient after the 250, ${size} members`, unit: 'ms', ours: spreadOf(firsts) },
  ];
}

async function smallList(bench: Bench, server: RunningPeer, { address, copies }: PeerList): Promise<Figure> {
  const rate = await deliveredPerSecond(bench, server, { list: address });
  return {
    target: 6,
    what: `500 posts over 10 connections to a list of 10, ${copies} copies`,
    unit: 'posts/s',
    ours: spreadOf([rate]),
  };
}
