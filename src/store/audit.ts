import type { Db } from './store.ts';

export interface AuditEntry {
  readonly at: number;
  /** From describeActor: never a token. */
  readonly actor: string;
  readonly operation: string;
  /** Plain facts; `listId` becomes the row's list. */
  readonly detail: unknown;
}

/** Longest detail kept of one entry, in characters. */
const detailLimit = 2000;
/** Fields that are secrets or bulk: their value never enters the trail. */
const withheld = new Set(['token', 'raw', 'mail', 'text', 'password', 'secret']);

/** Writes who did what, with the plain facts of it. */
export async function recordAudit(tx: Db, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit')
    .values({
      at: entry.at,
      actor: entry.actor,
      operation: entry.operation,
      list_id: listOf(entry.detail),
      detail: describe(entry.detail),
    })
    .execute();
}

function listOf(detail: unknown): number | null {
  const id = typeof detail === 'object' && detail !== null && 'listId' in detail ? detail.listId : undefined;
  return typeof id === 'number' ? id : null;
}

function describe(detail: unknown): string {
  const text = JSON.stringify(detail, (key, value) => {
    if (withheld.has(key) || value instanceof Uint8Array) return undefined;
    return Array.isArray(value) && value.length > 20 ? `${value.length} items` : value;
  });
  return (text ?? '{}').slice(0, detailLimit);
}
