import type { List } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { findList } from '../find-list.ts';
import type { Context } from '../operation.ts';

/**
 * Whether strangers may read on our pages that the list exists and what it is for. Nothing is public until an owner says so.
 * Of all other lists a page tells nothing, not even that they are there: their names can be tried one by one at
 * RCPT too, but slowly, by nobody's search engine, and without learning what a list is about.
 */
export function isPublicList({ settings }: List): boolean {
  return settings.listed || settings.archive === 'public';
}

/** The list a page's path names, public or not; undefined when there is none, and for what can be no list's name. */
export async function findListOfPath(context: Context, text: string): Promise<List | undefined> {
  try {
    return await findList(context, text);
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}
