import { type List, listAddress } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { loadList } from '../store/lists.ts';
import type { Context } from './operation.ts';

/** The list of that id, or a refusal. */
export async function requireList(context: Context, id: number): Promise<List> {
  const list = await loadList(context.tx, id);
  if (!list) throw new Refusal('not-found', 'This list is no longer here.');
  return list;
}

/** How to name the list of that id to a person. */
export async function nameList(context: Context, id: number): Promise<string> {
  const list = await loadList(context.tx, id);
  return list ? listAddress(list) : `(deleted list ${id})`;
}
