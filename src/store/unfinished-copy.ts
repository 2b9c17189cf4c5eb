import { Refusal } from '../domain/refusal.ts';
import type { Db } from './store.ts';
import { clearSwitch, getSwitch, setSwitch } from './switches.ts';

/** A copy of a database is worth something when it is whole: until then the new one bears this mark, and nobody works with it. */
const name = 'copy.unfinished';

/** Before the first row. `at`: epoch milliseconds. */
export function beginCopy(tx: Db, at: number): Promise<void> {
  return setSwitch(tx, name, `${at}`);
}

/** With the last row. */
export async function endCopy(tx: Db): Promise<void> {
  await clearSwitch(tx, name);
}

/** Throws Refusal('invalid') where a copy into this database was broken off. */
export async function assertWhole(db: Db): Promise<void> {
  const begun = await getSwitch(db, name);
  if (begun === undefined) return;
  throw new Refusal(
    'invalid',
    `This database is only a part: “db copy” into it began on ${new Date(Number(begun)).toISOString()} and did not come to its end. ` +
      'Remove it, make an empty one, and copy again; the one that was copied from is whole.',
  );
}
