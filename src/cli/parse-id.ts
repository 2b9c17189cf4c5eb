import { InvalidArgumentError } from 'commander';

/** A number that one of our tables gave to something. */
export function parseId(text: string): number {
  const id = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(id) || id < 1)
    throw new InvalidArgumentError('It is a number, such as 412.');
  return id;
}

/** For `<id...>`. */
export function parseIds(text: string, earlier: readonly number[] | undefined): readonly number[] {
  return [...(earlier ?? []), parseId(text)];
}
