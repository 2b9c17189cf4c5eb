import { type Bench, type Figure, spreadOf } from '../figure.ts';
import { blast } from '../wire/blast.ts';
import { monotonicNow } from '../wire/sink.ts';
import { startPostfix } from './postfix.ts';

/** What any list manager gets that hands personal copies to a local Postfix: one transaction a recipient, until the sink has them. */
export async function measureSmarthost(bench: Bench): Promise<Figure[]> {
  const postfix = await startPostfix(bench, {});
  const copies = 5_000;
  const rates: number[] = [];
  for (let run = 0; run < Math.min(bench.options.runs, 3); run++) {
    await bench.sink.reset();
    const began = monotonicNow();
    await blast(postfix.port, { transactions: copies, recipients: 1 });
    const { last, recipients } = await bench.sink.recipients(copies, 100);
    rates.push(recipients / ((last - began) / 1000));
  }
  await postfix.stop();
  return [
    {
      target: 1,
      what: 'Postfix as the smarthost of anybody: personal copies',
      unit: 'recipients/s',
      ours: spreadOf(rates),
    },
  ];
}
