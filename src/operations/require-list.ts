import type { List } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { loadList } from '../store/lists.ts';
import type { Context } from './operation.ts';

/** The list of that id, or a refusal. */
export async function requireList(context: Context, id: number): Promise<List> {
  const list = await loadList(context.tx, id);
  if (!list) throw new Refusal('not-found', 'This list is no longer here.');
  return list;
}
