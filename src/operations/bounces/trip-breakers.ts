import { mentionsDmarc } from '../../domain/failure-class.ts';
import {
  type Breaker,
  breakersOf,
  countRefusals,
  holdBack,
  moveToMunged,
  saveBreaker,
} from '../../store/breakers.ts';
import type { Db } from '../../store/store.ts';
import type { ToldFailure } from './count-failures.ts';

export type PolicyFailure = Pick<ToldFailure, 'delivery' | 'said'>;

/** As many refusals of one post at one destination, and such a part of its recipients there (email.md §6.3). */
const enough = { refusals: 5, part: 0.2 };
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
    for (const [domain, here] of groupBy(failures, domainOf)) {
      tripped =
        (await tripAt(tx, { mailingId, domain, failures: here, known: known.get(domain), now })) || tripped;
    }
  }
  return tripped;
}

interface Place {
  readonly mailingId: number;
  readonly domain: string;
  readonly failures: readonly PolicyFailure[];
  readonly known: Breaker | undefined;
  readonly now: number;
}

async function tripAt(tx: Db, place: Place): Promise<boolean> {
  const { mailingId, domain, known, now } = place;
  if (!known) {
    const { refusals, recipients } = await countRefusals(tx, mailingId, domain);
    if (refusals < enough.refusals || refusals < enough.part * recipients) return false;
  }
  // Under way when the others were stopped.
  if (known && known.mungedMailingId === null && known.until > now) return true;
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
  return true;
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
