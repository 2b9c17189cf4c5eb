import { hourThere } from './list-time.ts';

/** What a moderator may decide about a held post (email.md §4.6). */
export const moderationActs = ['approve', 'reject', 'discard', 'allow', 'ban'] as const;

/**
 * `allow`: posts it, and what the same author writes no longer waits. `ban`: drops it, and everything from that author from now on.
 */
export type ModerationAct = (typeof moderationActs)[number];

export interface Moderation {
  readonly act: ModerationAct;
  /** For the author of a rejected post, in the moderator's words or as the number of a canned reason; '' where none was given. */
  readonly reason: string;
}

/** So many posts of a list are announced at once within an hour; what follows is bundled into one mail (email.md §4.6). */
export const announcedAtOnce = 3;

/** Days after which moderators are reminded of a post that still waits; and so many before it ends. */
const reminderDays = [1, 3, 7, 12];
const lastCall = 2;
const reminderHour = 9;
const day = 86_400_000;

/** When moderators are to be reminded of a waiting post, next after a moment: at 09:00 of the list; null when not again. */
export function nextReminder(
  held: { readonly heldAt: number; readonly expiresAt: number },
  after: number,
  zone: string,
): number | null {
  const lifetime = Math.floor((held.expiresAt - held.heldAt) / day);
  const moments = [...reminderDays, lifetime - lastCall]
    .filter((days) => days > 0)
    .map((days) => hourThere(held.heldAt, { days, hour: reminderHour }, zone))
    .filter((at) => at > after && at < held.expiresAt);
  return moments.length === 0 ? null : Math.min(...moments);
}
