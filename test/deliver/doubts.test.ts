import { expect, test } from 'vitest';
import { createDoubts } from '../../src/deliver/doubts.ts';
import type { Answer } from '../../src/domain/outcome.ts';

const lost: Answer = { kind: 'lost', why: 'ECONNRESET' };
const reply = (code: number): Answer => ({ kind: 'reply', reply: { code, text: 'not now' } });

/** Which transaction failed, and how; or one that the server took part in. */
type Event = readonly [transaction: number, answer: Answer] | 'passed';

const cases: readonly [name: string, events: readonly Event[], believed: readonly boolean[]][] = [
  ['three different ones that fail alike', inTurn(lost, lost, lost), [false, false, true]],
  ['the same one three times', Array(3).fill([1, lost]), [false, false, false]],
  ['three that fail each in its way', inTurn(lost, reply(421), reply(451)), [false, false, false]],
  ['two of one kind after one of another', inTurn(lost, reply(421), reply(421)), [false, false, false]],
  ['one more, once it is believed', [...inTurn(lost, lost, lost), [1, lost]], [false, false, true, true]],
  ['three with a success in between', [[1, lost], [2, lost], 'passed', [3, lost]], [false, false, false]],
];

function inTurn(...answers: readonly Answer[]): Event[] {
  return answers.map((answer, i) => [i + 1, answer]);
}

test.each(cases)('%s', (_, events, believed) => {
  const doubts = createDoubts();
  const said: boolean[] = [];
  for (const event of events) {
    if (event === 'passed') doubts.dispel();
    else said.push(doubts.raise(...event));
  }
  expect(said).toEqual(believed);
});
