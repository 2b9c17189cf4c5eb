import { askLine, type Terminal } from './ask-line.ts';

export interface AskedChoice<V extends string> {
  readonly question: string;
  /** The first is taken where nobody says anything: the input ends, or only Enter is pressed. */
  readonly choices: readonly [Choice<V>, ...Choice<V>[]];
}

interface Choice<V> {
  readonly value: V;
  /** For people: `only the author`. */
  readonly label: string;
}

/** On a terminal, asks until one of the numbers is typed; elsewhere undefined, and nothing is asked. */
export async function askChoice<V extends string>(
  terminal: Terminal,
  { question, choices }: AskedChoice<V>,
): Promise<V | undefined> {
  if (!terminal.stdin.isTTY) return undefined;
  const lines = choices.map(({ label }, i) => `  ${i + 1}  ${label}\n`);
  const chosenBy = (line: string) => (line === '' ? choices[0] : choices[Number(line) - 1]);
  const isAnswer = (line: string) => chosenBy(line) !== undefined;
  const answer = await askLine(terminal, `${question}\n${lines.join('')}Number [1]: `, isAnswer);
  return chosenBy(answer)?.value;
}
