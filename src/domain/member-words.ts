import type { DeliveryMode, Posting, Role } from './membership.ts';

/** The words people know from other list servers, for the mode they mean. */
const modes: ReadonlyMap<string, DeliveryMode> = new Map([
  ['each', 'each'],
  ['mail', 'each'],
  ['digest-mime', 'digest-mime'],
  ['digest', 'digest-mime'],
  ['mime', 'digest-mime'],
  ['digest-plain', 'digest-plain'],
  ['plain', 'digest-plain'],
  ['digest-html', 'digest-html'],
  ['html', 'digest-html'],
  ['summary', 'summary'],
  ['index', 'summary'],
  ['none', 'none'],
  ['nomail', 'none'],
]);
const roleWords: ReadonlyMap<string, Role> = new Map([
  ['member', 'member'],
  ['moderator', 'moderator'],
  ['owner', 'owner'],
]);

/** Ours, and the yes or no of a column that tells who is moderated (email.md §10.8). */
const postingWords: ReadonlyMap<string, Posting> = new Map([
  ['default', 'default'],
  ['accept', 'accept'],
  ['hold', 'hold'],
  ['reject', 'reject'],
  ['moderated', 'hold'],
  ['yes', 'hold'],
  ['true', 'hold'],
  ['no', 'default'],
  ['false', 'default'],
]);

export const allowedModes = 'each, digest-mime, digest-plain, digest-html, summary or none';
export const allowedRoles = 'member, moderator or owner';

export const allowedPostings = 'default, accept, hold or reject';

export function parseMode(text: string): DeliveryMode | undefined {
  return modes.get(text.trim().toLowerCase());
}

export function parseRole(text: string): Role | undefined {
  return roleWords.get(text.trim().toLowerCase());
}

export function parsePosting(text: string): Posting | undefined {
  return postingWords.get(text.trim().toLowerCase());
}

/**
 * A display name on one line, without control characters and without what turns the direction of writing, which would hide the address
 * behind it; it ends up in headers of mails. At most 200 characters.
 */
export function tidyName(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .trimEnd();
}
