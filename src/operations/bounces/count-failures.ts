import { type Address, domainPart } from '../../domain/address.ts';
import { type Ailing, countFailure, failAtOnce, worthOf } from '../../domain/ailing.ts';
import type { FailureClass } from '../../domain/failure-class.ts';
import type { Site } from '../../domain/site.ts';
import { ailingAmong, saveAiling } from '../../store/ailing.ts';
import { type BounceKind, insertBounces, type NewBounce } from '../../store/bounces.ts';
import { domainsOut } from '../../store/domain-outages.ts';
import type { ReportedDelivery } from '../../store/reported.ts';
import { membersAmong } from '../../store/roster.ts';
import type { Db } from '../../store/store.ts';
import { callOffTokens } from '../../store/tokens.ts';

/** One delivery that did not arrive, as somebody told it. */
export interface ToldFailure {
  readonly delivery: ReportedDelivery;
  readonly kind: Exclude<BounceKind, 'complaint'>;
  readonly bodyId: number | null;
  readonly class: FailureClass;
  readonly status: string | undefined;
  /** What the server said. */
  readonly said: string;
  /** False: somebody else may have written it, who got the same copy. */
  readonly certain: boolean;
}

const longestSaid = 500;

/**
 * Writes failures down and adds them to the scores of their addresses (email.md §6.4): a few statements for any number of them. What
 * follows from a score is left to the timed job (tend-ailing.ts). Returns the ids of the rows, in no order.
 */
export async function countFailures(
  tx: Db,
  failures: readonly ToldFailure[],
  { now, site }: { readonly now: number; readonly site: Site },
): Promise<readonly number[]> {
  const worth = await weigh(tx, failures, { now, site });
  const before = await ailingAmong(tx, [...new Set([...worth.keys()].map(emailOf))]);
  const after = new Map<string, Ailing>();
  const rows = failures.map((failure): NewBounce => {
    const points = worth.get(failure);
    const email = emailOf(failure);
    const known = after.get(email) ?? before.get(email);
    if (points === undefined || isOldNews(failure, known)) return toRow(failure, 0, now);
    const { ailing } = countFailure(known, {
      email,
      class: failure.certain ? failure.class : 'unknown',
      said: failure.said.slice(0, longestSaid),
      at: now,
      points,
    });
    const failing = failure.delivery.notice === 'welcome' ? failAtOnce(ailing, now) : ailing;
    after.set(email, failing);
    return toRow(failure, failing.score - (known?.score ?? 0), now);
  });
  await saveAiling(tx, [...after.values()]);
  await callOffJoining(tx, failures, now);
  return insertBounces(tx, rows);
}

/**
 * What each is worth, of those that are worth anything: nothing counts against addresses of ours, strangers, or people whose whole
 * domain is out.
 */
async function weigh(
  tx: Db,
  failures: readonly ToldFailure[],
  { now, site }: { readonly now: number; readonly site: Site },
): Promise<ReadonlyMap<ToldFailure, number>> {
  const scoring = failures.filter(
    (failure) => worthOf(failure.class, true) > 0 && !site.domains.includes(domainOf(failure)),
  );
  if (scoring.length === 0) return new Map();
  const members = await membersAmong(tx, [...new Set(scoring.map(emailOf))]);
  const out = await domainsOut(tx, [...new Set(scoring.map(domainOf))], now);
  return new Map(
    scoring
      .filter((failure) => members.has(emailOf(failure)) && !out.has(domainOf(failure)))
      .map((failure) => [failure, worthOf(failure.class, failure.certain)]),
  );
}

/** What was sent before the last probe says nothing about the address as it is now: the probe does. */
function isOldNews({ delivery }: ToldFailure, known: Ailing | undefined): boolean {
  return typeof known?.probedAt === 'number' && delivery.madeAt < known.probedAt;
}

/** Whoever cannot be asked will not answer: the request ends, and a new one asks anew. */
async function callOffJoining(tx: Db, failures: readonly ToldFailure[], now: number): Promise<void> {
  for (const { delivery, class: failureClass } of failures) {
    const { notice, listId, recipient } = delivery;
    if (worthOf(failureClass, true) === 0 || listId === null) continue;
    if (notice !== 'confirm-join' && notice !== 'invite') continue;
    await callOffTokens(tx, {
      kind: notice === 'invite' ? 'invite' : 'join',
      listId,
      emails: [recipient],
      now,
      result:
        'The mail that asked about this could not be delivered, so it was called off. Ask again to join.',
    });
  }
}

function toRow(failure: ToldFailure, points: number, now: number): NewBounce {
  const { delivery, kind, bodyId, status, said } = failure;
  return {
    listId: delivery.listId,
    deliveryId: delivery.id,
    bodyId,
    receivedAt: now,
    kind,
    email: delivery.recipient,
    class: failure.class,
    status: status ?? null,
    said: said.slice(0, longestSaid),
    points,
  };
}

function emailOf({ delivery }: ToldFailure): string {
  return delivery.recipient;
}

function domainOf({ delivery }: ToldFailure): string {
  return domainPart(delivery.recipient as Address);
}
