import { z } from 'zod';
import { asciiLowerCase } from '../../domain/address.ts';
import { listAddress } from '../../domain/list.ts';
import {
  type ListedDelivery,
  type ListedState,
  listedStates,
  pageDeliveries,
} from '../../store/listed-deliveries.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';

/** One delivery that has not arrived, as `queue ls` prints it; the keys are promised to scripts. */
export interface DeliveryLine {
  readonly id: number;
  /** The list's address; null for mail of the site. */
  readonly list: string | null;
  readonly recipient: string;
  readonly kind: string;
  readonly state: ListedDelivery['state'];
  /** Attempts that the schedule counts. */
  readonly attempts: number;
  /** ISO 8601, as the next; null when there is no next attempt. */
  readonly nextAt: string | null;
  /** When it was given up; null while it is not. */
  readonly finalAt: string | null;
  readonly lastReply: string | null;
}

export interface DeliveryLines {
  readonly deliveries: readonly DeliveryLine[];
  /** For the next page; absent on the last one. */
  readonly next?: number;
}

const input = z.object({
  /** Without any of them all that has not arrived. */
  states: z.array(z.enum(listedStates)).default([]),
  list: listInput.optional(),
  /** Of the recipients. */
  domain: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .transform((text) => asciiLowerCase(text).replace(/^@/, ''))
    .optional(),
  /** Older than that delivery. */
  before: z.int().optional(),
  limit: z.int().min(1).max(1000).default(100),
});

export const listDeliveries: Operation<z.infer<typeof input>, DeliveryLines> = {
  name: 'list-deliveries',
  kind: 'query',
  summary: 'Names single deliveries that wait or have failed, newest first.',
  input,
  authorise: requireOperator,
  run: async (context, { states, list: named, domain, before, limit }) => {
    const listId = named === undefined ? undefined : (await findList(context, named)).id;
    const wanted: readonly ListedState[] = states.length > 0 ? [...new Set(states)] : listedStates;
    const page = await pageDeliveries(context.tx, {
      states: wanted,
      listId,
      domain,
      before,
      limit: limit + 1,
    });
    const shown = page.slice(0, limit);
    const last = page.length > limit ? shown.at(-1) : undefined;
    return { deliveries: shown.map(toLine), ...(last && { next: last.id }) };
  },
};

function toLine({ list, nextAt, finalAt, state, ...delivery }: ListedDelivery): DeliveryLine {
  return {
    id: delivery.id,
    list: list && listAddress(list),
    recipient: delivery.recipient,
    kind: delivery.kind,
    state,
    attempts: delivery.attempts,
    nextAt: state === 'failed' ? null : new Date(nextAt).toISOString(),
    finalAt: finalAt === null ? null : new Date(finalAt).toISOString(),
    lastReply: delivery.lastReply,
  };
}
