import { InvalidArgumentError } from 'commander';

/** For `--limit`: a number from 1 to `most`. */
export function parseCount(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < 1 || count > most)
      throw new InvalidArgumentError(`It is a number from 1 to ${most}.`);
    return count;
  };
}
