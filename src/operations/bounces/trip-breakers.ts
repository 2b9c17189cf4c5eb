import { mentionsDmarc } from '../../domain/failure-class.ts';
import {
  addRefusals,
  type Breaker,
  breakersOf,
  countRecipients,
  givenUpAt,
  saveBreaker,
  setRefusals,
} from '../../store/breakers.ts';
import { holdBack, moveToMunged, testedFor } from '../../store/obey-breakers.ts';
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
    for (const [domain, here] of groupBy(failures, domainOf)) {
      const place = { mailingId, domain, failures: here, known: known.get(domain), now };
      if (!isDiverted(place) && !(await isEnough(tx, place))) continue;
      await trip(tx, place);
      tripped = true;
    }
  }
  return tripped;
}

/** Those there get it in another form already: whoever was refused the first one, too. */
function isDiverted({ known }: Place): boolean {
  return known !== undefined && known.mungedMailingId !== null;
}

/**
 * Each refusal counts once, and after the post was held back the count begins anew: what five members report cannot hold it back from the
 * others until it is given up. A few are let go first then (obey-breakers.ts): of those, five are enough.
 */
async function isEnough(tx: Db, place: Place): Promise<boolean> {
  const { known, now, failures } = place;
  const isUnderWay = known !== undefined && known.until > now;
  if (isUnderWay) return false;
  const { refusals, recipients } = await addRefusals(tx, place, failures.length);
  if (refusals < enough.refusals) return false;
  if (known !== undefined && now < known.until + testedFor) return true;
  const limit = refusals * enough.oneOf;
  if (recipients > limit) return false;
  // Counted again only when there are four times as many.
  const counted = await countRecipients(tx, place, 4 * limit);
  await setRefusals(tx, place, { recipients: counted });
  return counted <= limit;
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
  await setRefusals(tx, place, { refusals: 0 });
  const said = place.failures.map((failure) => failure.said);
  const aboutDmarc = said.find(mentionsDmarc);
  const munged =
    aboutDmarc !== undefined || (known && known.mungedMailingId !== null)
      ? await moveToMunged(
          tx,
          { mailingId, domain, known, now },
          place.failures.map(({ delivery }) => delivery.id),
        )
      : undefined;
  const until = munged === undefined ? now + (await holdFor(tx, place)) : now;
  if (munged === undefined) await holdBack(tx, { mailingId, domain, until });
  const breaker = { mailingId, domain, at: now, until, said: aboutDmarc ?? said[0] ?? '' };
  await saveBreaker(tx, { ...breaker, mungedMailingId: munged ?? null });
}

/** Half of the time that is left at most, so that it is tried again before it is given up. */
async function holdFor(tx: Db, { mailingId, now }: Place): Promise<number> {
  const left = (await givenUpAt(tx, mailingId)) - now;
  return Math.max(0, Math.min(heldFor, Math.floor(left / 2)));
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
