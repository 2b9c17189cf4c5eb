import { z } from 'zod';
import { type List, listAddress, subAddress } from '../../domain/list.ts';
import type { ListSettings } from '../../domain/list-settings.ts';
import { listPath } from '../../domain/site.ts';
import type { Context, Operation } from '../operation.ts';
import { findListOfPath, isPublicList } from './public-list.ts';

/** What anybody may read about a public list. */
export interface ListPage {
  readonly title: string;
  readonly purpose: string;
  readonly address: string;
  readonly request: string;
  readonly owner: string;
  readonly joinAddress: string;
  readonly leaveAddress: string;
  /** First segment of its pages' paths, as it is spelled today. */
  readonly path: string;
  readonly closed: boolean;
  readonly join: ListSettings['join'];
  readonly post: ListSettings['post'];
  readonly archive: ListSettings['archive'];
}

/** Undefined for a list that is not public and for one that does not exist: nobody can tell them apart (public-list.ts). */
export const showListPage: Operation<{ list: string }, ListPage | undefined> = {
  name: 'show-list-page',
  kind: 'query',
  summary: 'Shows what strangers may know about a list.',
  input: z.object({ list: z.string().max(300) }),
  authorise: () => {},
  run: async (context, { list: text }) => {
    const list = await findListOfPath(context, text);
    return list && isPublicList(list) ? toPage(context, list) : undefined;
  },
};

function toPage({ site }: Context, list: List): ListPage {
  const { title, purpose, settings, closedAt } = list;
  return {
    title,
    purpose,
    address: listAddress(list),
    request: subAddress(list, 'request'),
    owner: subAddress(list, 'owner'),
    joinAddress: subAddress(list, 'join'),
    leaveAddress: subAddress(list, 'leave'),
    path: listPath(site, list),
    closed: closedAt !== null,
    join: settings.join,
    post: settings.post,
    archive: settings.archive,
  };
}
