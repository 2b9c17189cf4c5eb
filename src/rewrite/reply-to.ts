import { type List, listAddress } from '../domain/list.ts';
import type { Field } from './list-headers.ts';

/**
 * Where "Reply" goes (email.md §5.3): undefined leaves the author's own field, or its absence, alone. An author who set a
 * Reply-To of their own keeps it beside the list's.
 */
export function replyTo(
  list: List,
  authorsOwn: string | undefined,
  author: string | undefined,
): Field | undefined {
  const mode = list.settings.reply_to;
  switch (mode) {
    case 'author':
    case 'keep':
      return undefined;
    case 'list':
      return ['Reply-To', join(listAddress(list), authorsOwn)];
    case 'both':
      return ['Reply-To', join(listAddress(list), authorsOwn ?? author)];
    default:
      return ['Reply-To', mode];
  }
}

function join(list: string, other: string | undefined): string {
  const named = other?.toLowerCase().split(/[\s,;<>]+/) ?? [];
  return other && !named.includes(list) ? `${list}, ${other}` : list;
}
