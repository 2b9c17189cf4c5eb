import type { Db } from './store.ts';

export interface AuditEntry {
  readonly at: number;
  /** From describeActor: never a token. */
  readonly actor: string;
  readonly operation: string;
  readonly input: unknown;
}

/** Longest detail kept of one entry, in characters. */
const detailLimit = 2000;
/** Input fields that are secrets or bulk: their value never enters the trail. */
const withheld = new Set(['token', 'raw', 'mail', 'text', 'password', 'secret']);

/** Writes who did what, with the plain fields of the input. */
export async function recordAudit(tx: Db, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('audit')
    .values({
      at: entry.at,
      actor: entry.actor,
      operation: entry.operation,
      list_id: listOf(entry.input),
      detail: describe(entry.input),
    })
    .execute();
}

function listOf(input: unknown): number | null {
  const id = typeof input === 'object' && input !== null && 'listId' in input ? input.listId : undefined;
  return typeof id === 'number' ? id : null;
}

function describe(input: unknown): string {
  const text = JSON.stringify(input, (key, value) => {
    if (withheld.has(key) || value instanceof Uint8Array) return undefined;
    return Array.isArray(value) && value.length > 20 ? `${value.length} items` : value;
  });
  return (text ?? '{}').slice(0, detailLimit);
}
