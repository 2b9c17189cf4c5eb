import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { type Membership, memberState } from '../../domain/membership.ts';
import { findAiling } from '../../store/ailing.ts';
import { bouncesOf, type ShownBounce } from '../../store/bounces.ts';
import { loadList } from '../../store/lists.ts';
import { membershipsOf } from '../../store/memberships.ts';
import { addressInput } from '../inputs.ts';
import type { Context, Operation } from '../operation.ts';
import { type AilingDetails, describeAiling } from './ailing-details.ts';
import { ofListInput, requireAbout, requireOnList } from './require-about.ts';

const input = z.object({ email: addressInput, list: ofListInput });

export interface AilingStory {
  readonly email: string;
  /** null: nothing is wrong with it at present. */
  readonly ailing: AilingDetails | null;
  readonly lists: readonly { readonly list: string; readonly role: string; readonly state: string }[];
  /** The last hundred, newest first. */
  readonly events: readonly {
    readonly at: string;
    readonly kind: ShownBounce['kind'];
    readonly list: string | null;
    readonly deliveryId: number | null;
    readonly class: ShownBounce['class'];
    readonly status: string | null;
    readonly said: string;
    readonly points: number;
  }[];
}

const mostEvents = 100;

export const showAiling: Operation<z.infer<typeof input>, AilingStory> = {
  name: 'show-ailing',
  kind: 'query',
  summary: 'Tells all that happened to the mail of one address in the last thirty days.',
  input,
  authorise: requireAbout,
  run: async (context, { email, list: named }) => {
    await requireOnList(context, { email, list: named });
    const ailing = await findAiling(context.tx, email);
    const events = await bouncesOf(context.tx, email, mostEvents);
    const memberships = await membershipsOf(context.tx, email);
    const nameOf = await namer(
      context,
      events.map(({ listId }) => listId),
    );
    return {
      email,
      ailing: ailing ? describeAiling(ailing, memberships.some(isPlain)) : null,
      lists: await listsOf(context, memberships),
      events: events.map((event) => ({
        at: new Date(event.receivedAt).toISOString(),
        kind: event.kind,
        list: nameOf(event.listId),
        deliveryId: event.deliveryId,
        class: event.class,
        status: event.status,
        said: event.said,
        points: event.points / 100,
      })),
    };
  },
};

function isPlain({ role }: Membership): boolean {
  return role === 'member';
}

async function listsOf(context: Context, memberships: readonly Membership[]): Promise<AilingStory['lists']> {
  const nameOf = await namer(
    context,
    memberships.map(({ listId }) => listId),
  );
  return memberships.map((member) => ({
    list: nameOf(member.listId) ?? '',
    role: member.role,
    state: memberState(member),
  }));
}

async function namer(
  { tx }: Context,
  ids: readonly (number | null)[],
): Promise<(id: number | null) => string | null> {
  const names = new Map<number, string>();
  for (const id of new Set(ids)) {
    const list = id === null ? undefined : await loadList(tx, id);
    if (list) names.set(list.id, listAddress(list));
  }
  return (id) => (id === null ? null : (names.get(id) ?? null));
}
