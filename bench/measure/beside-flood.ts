import { type Bench, type Measurement, spreadOf } from '../figure.ts';
import { makeMail } from '../load/mail.ts';
import { memberAddress } from '../load/members.ts';
import { openSender } from '../load/sender.ts';
import { installListwright, makeList } from '../servers/listwright.ts';

const crowd = 100_000;
const few = 20;
/** Far from the numbers of the crowd. */
const firstOfFew = 1_500_000;

/** Target 10: a small list’s post while a large list’s goes out: nobody waits for the crowd. */
export const besideFlood: Measurement = {
  name: 'beside-flood',
  async measure(bench) {
    const installation = installListwright(bench);
    const { address: large } = await makeList(bench, installation, { name: 'large', members: crowd });
    const { address: small } = await makeList(bench, installation, {
      name: 'small',
      members: few,
      first: firstOfFew,
    });
    const server = await installation.serve();
    const sender = await openSender(server.port, 1);
    const post = async (list: string, from: string) => {
      const [accepted = Number.NaN] = await sender.send([makeMail({ from, to: list, bytes: 4096 })], {
        from,
        to: list,
      });
      return accepted;
    };
    await bench.sink.reset();
    await post(large, memberAddress(0));
    const times: number[] = [];
    for (let round = 0; round <= bench.options.runs; round++) {
      await untilMoreOfTheCrowd(bench);
      const accepted = await post(small, memberAddress(firstOfFew));
      const { last, members } = await bench.sink.range(firstOfFew, few, 60);
      if (members >= crowd + few) throw new Error('The crowd was served before the few posted.');
      if (round > 0) times.push(last - accepted);
      await bench.sink.forget(firstOfFew, few);
    }
    await bench.sink.members(crowd, 300);
    sender.close();
    await server.stop();
    const spread = spreadOf(times);
    return [
      {
        target: 10,
        what: `the last of ${few} members has the post, while another goes to ${crowd.toLocaleString('en')}`,
        unit: 'ms',
        ours: spread,
        goal: { text: '< 1,000 ms', met: spread.median < 1_000 },
      },
    ];
  },
};

/** Some thousands later than now, so that each small post meets the flood at another place. */
async function untilMoreOfTheCrowd({ sink }: Bench): Promise<void> {
  const { recipients } = await sink.read();
  await sink.recipients(recipients + 5_000, 60);
}
