import { listAddress } from '../../domain/list.ts';
import { requireOperator, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context } from '../operation.ts';

/** Whose standing rules: a list's, by its address or local part; null: the whole site's. */
export const placeInput = listInput.nullable();

/** A list's rules are its moderators' and owners', the site's are the operator's. */
export async function requirePlace(context: Context, place: string | null): Promise<void> {
  if (place === null) requireOperator(context);
  else await requireRoleOn(context, place, 'moderator');
}

export interface RulePlace {
  readonly listId: number | null;
  /** The list's address; null: the whole site. */
  readonly list: string | null;
}

export async function findPlace(context: Context, place: string | null): Promise<RulePlace> {
  if (place === null) return { listId: null, list: null };
  const list = await findList(context, place);
  return { listId: list.id, list: listAddress(list) };
}

/** How a sentence names it. */
export function namePlace(list: string | null): string {
  return list ?? 'the whole site';
}
