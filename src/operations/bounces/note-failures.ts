import { classifyFailure, type FailureClass } from '../../domain/failure-class.ts';
import { couldNotBeMade, isWithheld, refusedAll } from '../../domain/outcome.ts';
import type { Site } from '../../domain/site.ts';
import { failedAmong } from '../../store/reported.ts';
import type { Db } from '../../store/store.ts';
import { countFailures, type ToldFailure } from './count-failures.ts';
import { type PolicyFailure, tripBreakers } from './trip-breakers.ts';

/** A delivery that the worker has just given up. */
export interface FailedDelivery {
  readonly id: number;
  /** The reply code; null where the other side said nothing, and `reply` tells why. */
  readonly code: number | null;
  readonly reply: string;
}

interface Circumstances {
  readonly now: number;
  readonly site: Site;
  /** All mail goes to one server, which passes it on: where that is not there, it says nothing about the recipients. */
  readonly viaRelay: boolean;
}

/**
 * What failed in the SMTP session itself, in the transaction that settles it: the same classes and scores as for reports (email.md §6.2),
 * with a number of statements that does not grow with the failures. `failures` are settled as failed already. True where a post must go no
 * further to some destination, although somebody may have copies in hand.
 */
export async function noteFailures(
  tx: Db,
  failures: readonly FailedDelivery[],
  { now, site, viaRelay }: Circumstances,
): Promise<boolean> {
  const saidOf = new Map(failures.filter(isAboutRecipient).map((failure) => [failure.id, failure]));
  if (saidOf.size === 0) return false;
  const deliveries = await failedAmong(tx, [...saidOf.keys()]);
  const told = deliveries.flatMap((delivery): ToldFailure[] => {
    const failure = saidOf.get(delivery.id);
    if (!failure) return [];
    const { code, reply } = failure;
    return [
      {
        delivery,
        kind: 'refused',
        bodyId: null,
        class: classOf(failure, viaRelay),
        status: undefined,
        said: code === null ? reply : `${code} ${reply}`,
        certain: true,
      },
    ];
  });
  await countFailures(tx, told, { now, site });
  const refused = told.flatMap((failure): PolicyFailure[] =>
    failure.class === 'policy' && failure.delivery.kind === 'post' ? [failure] : [],
  );
  return tripBreakers(tx, refused, now);
}

function isAboutRecipient({ code, reply }: FailedDelivery): boolean {
  return code !== null || !reply.startsWith(couldNotBeMade);
}

/**
 * What was tried until it was too late has no better reason than that, unless its last answer gave one. A relay that could not be reached
 * for days is our trouble: it would cost every member of every list a part of a point (email.md §0 rule 7).
 */
function classOf({ code, reply }: FailedDelivery, viaRelay: boolean): FailureClass {
  // Without a code the words are ours.
  if (code === null && isWithheld(reply)) return 'relay';
  if (reply.startsWith(refusedAll)) return 'policy';
  const said = classifyFailure({ code, text: reply });
  if (said !== 'unknown' && said !== 'temp-expired') return said;
  // RFC 5321 §3.8: 421 is about the connection.
  if (viaRelay && (code === null || code === 421)) return 'relay';
  return code === null || code < 500 ? 'temp-expired' : said;
}
