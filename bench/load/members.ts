import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `sub000000@example.net` and so on: the sink knows them by their numbers. */
export function memberAddress(number: number): string {
  return `sub${String(number).padStart(6, '0')}@example.net`;
}

/** A file for `member import`. */
export function writeMembers(
  folder: string,
  {
    count,
    first = 0,
    mode = 'each',
  }: { count: number; first?: number | undefined; mode?: 'each' | 'none' | undefined },
): string {
  const file = join(folder, `members-${first}-${count}-${mode}.csv`);
  const rows = Array.from({ length: count }, (_, number) => `${memberAddress(first + number)},${mode}\n`);
  writeFileSync(file, `email,mode\n${rows.join('')}`);
  return file;
}
