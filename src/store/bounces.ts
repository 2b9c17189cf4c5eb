import type { Db } from './store.ts';

export interface NewBounce {
  readonly listId: number | null;
  /** The delivery its address names; of a shared copy the first of its deliveries. */
  readonly deliveryId: number;
  readonly bodyId: number;
  readonly receivedAt: number;
}

export async function insertBounce(tx: Db, bounce: NewBounce): Promise<number> {
  const { id } = await tx
    .insertInto('bounces')
    .values({
      list_id: bounce.listId,
      delivery_id: bounce.deliveryId,
      body_id: bounce.bodyId,
      received_at: bounce.receivedAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
