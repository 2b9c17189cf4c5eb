import { type List, listAddress } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { loadList } from '../store/lists.ts';
import type { Context } from './operation.ts';

/** The list, or a refusal. */
export async function requireList(context: Context, id: number): Promise<List> {
  const list = await loadList(context.tx, id);
  if (!list) throw new Refusal('not-found', 'This list is no longer here.');
  return list;
}

/** The address of a list for showing; of a deleted one its number. */
export async function findListOf(context: Context, id: number): Promise<string> {
  const list = await loadList(context.tx, id);
  return list ? listAddress(list) : `(deleted list ${id})`;
}
