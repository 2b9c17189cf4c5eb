import type { List } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';
import { newField, putOnTop, removeFields } from '../mail/edit-head.ts';
import { findField, type HeaderField, type MailHead } from '../mail/headers.ts';
import { claimsTrustedResults, isRemoved } from './header-table.ts';
import { type Field, listHeaders, sharedLeaveHeaders } from './list-headers.ts';
import { replyTo } from './reply-to.ts';

export interface OutgoingPost {
  readonly head: MailHead;
  readonly list: List;
  readonly site: Site;
  /** Message-ID-Hash: the permalink. */
  readonly hash: string;
  /** The author's address, for Reply-To. */
  readonly author: string;
  /** Value of our Received field (RFC 5321 §4.4). */
  readonly trace: string;
}

/**
 * The header block that all copies of a post share: our fields on top, then the author's, untouched but for those of the header table. `forEverybody`: the copy goes to several recipients at once.
 */
export function sharedHead(post: OutgoingPost, forEverybody: boolean): MailHead {
  const { list, site, head } = post;
  const reply = replyTo(list, asciiValue(head, 'reply-to'), post.author);
  return edit(head, site, {
    without: reply ? ['reply-to'] : [],
    add: [
      ...(forEverybody ? sharedLeaveHeaders(list, site) : []),
      ...listHeaders(list, site, post),
      ...foreignListId(head),
      ...(reply ? [reply] : []),
      ['Received', post.trace],
    ],
  });
}

/** The header block of mail to `-owner@`, postmaster@ and the like on its way to people: no list headers, a mark against circles. */
export function forwardHead(forward: { head: MailHead; site: Site; trace: string; via: string }): MailHead {
  return edit(forward.head, forward.site, {
    without: [],
    add: [
      ['X-BeenThere', forward.via],
      ['Received', forward.trace],
    ],
  });
}

function edit(
  head: MailHead,
  site: Site,
  change: { without: readonly string[]; add: readonly Field[] },
): MailHead {
  const kept = removeFields(
    head,
    (field) => isDropped(field, site) || change.without.includes(field.name) || isSameMark(field, change.add),
  );
  return putOnTop(
    kept,
    change.add.map(([name, value]) => newField(name, value)),
  );
}

function isDropped(field: HeaderField, site: Site): boolean {
  return (
    isRemoved(field.name) ||
    (field.name === 'authentication-results' &&
      claimsTrustedResults(field.value, [site.hostname, ...site.trustedAuthservIds]))
  );
}

/** Where a mail has been stays on it, for the others to know it again; each place once (email.md §5.1). */
function isSameMark(field: HeaderField, added: readonly Field[]): boolean {
  if (field.name !== 'x-beenthere') return false;
  return added.some(([name, value]) => name === 'X-BeenThere' && value === field.value.toLowerCase());
}

/** RFC 2919 §2 allows one List-Id, ours; where a post came from another list that list's id is kept beside it. */
function foreignListId(head: MailHead): Field[] {
  const foreign = asciiValue(head, 'list-id');
  return foreign ? [['X-Original-List-Id', foreign]] : [];
}

/** A received value that we may write again; undefined when absent or holding raw 8-bit bytes, which no field of ours carries. */
function asciiValue(head: MailHead, name: string): string | undefined {
  const value = findField(head, name)?.value;
  return value && /^[\t\x20-\x7e]+$/.test(value) ? value : undefined;
}
