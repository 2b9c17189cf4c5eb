import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { Held } from '../../store/held.ts';
import { sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { claimedAuthor, oneLine, type Story } from './describe-held.ts';

/** Decisions named in one mail. */
export const mostDecisionsNamed = 50;

/** Tells a moderator what others have decided: the first of `count`. */
export async function tellDecided(
  context: Context,
  list: List,
  {
    email,
    news,
    count,
    story,
  }: {
    readonly email: Address;
    readonly news: readonly Held[];
    readonly count: number;
    readonly story: Story;
  },
): Promise<void> {
  const [first] = news;
  if (!first) return;
  const more = count - news.length;
  const lines = news.map(
    (held) =>
      `“${oneLine(held.subject, 100) || '(no subject)'}” from ${claimedAuthor(held)}:\n   ${story.decision(held)}`,
  );
  await sendNotice(context, {
    text: 'was-decided',
    to: email,
    list,
    values: {
      count,
      subject: oneLine(first.subject, 100) || '(no subject)',
      items: [...lines, ...(more > 0 ? [`And ${more} more.`] : [])].join('\n'),
    },
    returnPath: 'verp',
    patient: true,
  });
}
