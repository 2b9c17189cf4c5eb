import { mentionsDmarc } from '../../domain/failure-class.ts';
import { type Breaker, breakersOf, hasMoreThan, refusalsOf, saveBreaker } from '../../store/breakers.ts';
import { holdBack, moveToMunged } from '../../store/obey-breakers.ts';
import type { Db } from '../../store/store.ts';
import type { ToldFailure } from './count-failures.ts';

export type PolicyFailure = Pick<ToldFailure, 'delivery' | 'said'>;

/** As many refusals of one post at one destination, and such a part of its recipients there (email.md §6.3). */
const enough = { refusals: 5, oneOf: 5 };
/** What is held back is tried again after a day, for as long as the post is tried at all. */
const heldFor = 86_400_000;

/**
 * A server that refuses a post for what it is will refuse it to the others there, and think less of us each time: the rest waits, and the
 * operators are told. Where it speaks of DMARC, those it refused get the post once more with its From rewritten, and so do the
 * others. A destination is the domain of the recipients, which a refusal is about; a mail server has many. True where something is to
 * be stopped: what a worker has in hand, too.
 */
export async function tripBreakers(tx: Db, refused: readonly PolicyFailure[], now: number): Promise<boolean> {
  let tripped = false;
  for (const [mailingId, failures] of groupBy(refused, ({ delivery }) => delivery.mailingId)) {
    const known = await breakersOf(tx, mailingId);
    const refusals = await refusalsOf(tx, mailingId);
    for (const [domain, here] of groupBy(failures, domainOf)) {
      const place = { mailingId, domain, failures: here, known: known.get(domain), now };
      if (!place.known && !(await isEnough(tx, place, refusals.get(domain) ?? 0))) continue;
      await trip(tx, place);
      tripped = true;
    }
  }
  return tripped;
}

async function isEnough(
  tx: Db,
  place: { readonly mailingId: number; readonly domain: string },
  refusals: number,
): Promise<boolean> {
  return refusals >= enough.refusals && !(await hasMoreThan(tx, place, refusals * enough.oneOf));
}

interface Place {
  readonly mailingId: number;
  readonly domain: string;
  readonly failures: readonly PolicyFailure[];
  readonly known: Breaker | undefined;
  readonly now: number;
}

async function trip(tx: Db, place: Place): Promise<void> {
  const { mailingId, domain, known, now } = place;
  // Under way when the others were stopped.
  if (known && known.mungedMailingId === null && known.until > now) return;
  const said = place.failures.map((failure) => failure.said);
  const aboutDmarc = said.find(mentionsDmarc);
  const munged =
    aboutDmarc !== undefined || (known && known.mungedMailingId !== null)
      ? await moveToMunged(tx, { mailingId, domain, known, now })
      : undefined;
  const until = munged === undefined ? now + heldFor : now;
  if (munged === undefined) await holdBack(tx, { mailingId, domain, until });
  const breaker = { mailingId, domain, at: now, until, said: aboutDmarc ?? said[0] ?? '' };
  await saveBreaker(tx, { ...breaker, mungedMailingId: munged ?? null });
}

function domainOf({ delivery: { recipient } }: PolicyFailure): string {
  return recipient.slice(recipient.lastIndexOf('@') + 1);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
