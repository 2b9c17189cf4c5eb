import type { ListSettings } from './list-settings.ts';

export type ListId = number & { readonly __brand: 'ListId' };

/** A mailing list as every layer sees it. */
export interface List {
  readonly id: ListId;
  /** Current local part, lower case: `birds`. */
  readonly name: string;
  /** Mail domain, lower case A-labels: `lists.example.org`. */
  readonly domain: string;
  /** The RFC 2919 identifier, fixed at creation; never changes on rename. */
  readonly listId: string;
  readonly title: string;
  readonly purpose: string;
  readonly settings: ListSettings;
  readonly createdAt: number;
  readonly closedAt: number | null;
}

export function listAddress(list: { readonly name: string; readonly domain: string }): string {
  return `${list.name}@${list.domain}`;
}

/** `birds` + `owner` → `birds-owner@lists.example.org` (email.md §1.1). */
export function subAddress(list: { readonly name: string; readonly domain: string }, suffix: string): string {
  return `${list.name}-${suffix}@${list.domain}`;
}

/** The address that stands for one author of the list, so that theirs need not be shown (email.md §5.4). */
export function aliasAddress(
  list: { readonly name: string; readonly domain: string },
  token: string,
): string {
  return subAddress(list, `from+${token}`);
}
