import type { List } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { cannedReasons, defaultReason } from '../../mail/texts/reject-reasons.ts';

/** The reasons that moderators of a list can choose from by number: its own, or else ours. */
export function reasonsOf(list: List): readonly string[] {
  const own = list.settings.reject_reasons
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return own.length > 0 ? own : cannedReasons;
}

/** What the author is told: the moderator's words; the canned reason whose number was given; a sentence of ours for none. */
export function chooseReason(list: List, given: string): string {
  const words = given.trim();
  if (words === '') return defaultReason;
  if (!/^#?\d{1,3}$/.test(words)) return words;
  const reasons = reasonsOf(list);
  const chosen = reasons[Number(words.replace('#', '')) - 1];
  if (chosen !== undefined) return chosen;
  const listed = reasons.map((reason, i) => `${i + 1}: ${reason}`).join('; ');
  throw new Refusal('invalid', `There is no reason ${words}. There are: ${listed}`);
}
