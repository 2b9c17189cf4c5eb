import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { loadList } from '../../store/lists.ts';
import type { Context } from '../operation.ts';
import { findPlace } from './rule-place.ts';

/** The part of an input that asks for a page of standing rules. */
export const pageInput = {
  /** What the page before said is next. */
  after: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(100),
};

/** A rule with its list's address; null: it is of the whole site. */
export type NamedRule<Rule> = Rule & { readonly list: string | null };

export async function placesOf(
  context: Context,
  list: string | null | undefined,
): Promise<{ readonly listId: number | null | undefined }> {
  return list === undefined ? { listId: undefined } : findPlace(context, list);
}

/** A page of rules as read, with the names of their lists. */
export async function namedRules<Rule extends { readonly id: number; readonly listId: number | null }>(
  context: Context,
  rules: readonly Rule[],
  limit: number,
): Promise<{ readonly rules: readonly NamedRule<Rule>[]; readonly next?: number }> {
  const names = new Map<number | null, string | null>([[null, null]]);
  for (const { listId } of rules) {
    if (listId === null || names.has(listId)) continue;
    const list = await loadList(context.tx, listId);
    names.set(listId, list ? listAddress(list) : null);
  }
  const last = rules.length === limit ? rules.at(-1) : undefined;
  return {
    rules: rules.map((rule) => ({ ...rule, list: names.get(rule.listId) ?? null })),
    ...(last && { next: last.id }),
  };
}
