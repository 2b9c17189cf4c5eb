import { Refusal } from '../domain/refusal.ts';

/** What could be done was done and told; the rest, a sentence without its full stop each, makes the exit status 1. */
export function refuseRest(sentences: readonly string[]): void {
  if (sentences.length > 0) throw new Refusal('conflict', `${sentences.join('; ')}.`);
}

/** The same after work on a whole file, whose output names everything that is left out: the sentence has the first few. */
export function refuseLeftOut(leftOut: readonly string[], head: string): void {
  if (leftOut.length === 0) return;
  const more = leftOut.length - mostNamed;
  refuseRest([
    `${head}: ${leftOut.slice(0, mostNamed).join('; ')}`,
    ...(more > 0 ? [`${more} more are named in the output`] : []),
  ]);
}

const mostNamed = 5;
