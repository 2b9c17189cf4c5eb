import type { CheckedMail } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import { forgetQuota, takeQuota } from '../../store/quotas.ts';
import { authorToAnswer, mayHearFromUs, sameAnswerBucket } from '../answering.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { quoteSubject } from './tell-sender.ts';

const day = 86_400_000;

/**
 * A post bears a member's address, and nothing proves that it is theirs: asks at that address (T12, email.md §4.3). At most one mail a day
 * while the author does not say yes, for a forger can send thousands; the others wait for a moderator.
 */
export async function askAuthor(
  context: Context,
  mail: CheckedMail,
  { list, heldId, expiresAt }: { list: List; heldId: number; expiresAt: number },
): Promise<void> {
  const { tx, now, site } = context;
  const author = await authorToAnswer(context, mail);
  if (!author) return;
  if (!(await takeQuota(tx, proveBucket(author), { rate: { count: 1, ms: day }, now }))) return;
  if (!(await mayHearFromUs(context, author, { text: 'prove-author', list }))) return;
  const { token } = await issueToken(context, {
    kind: 'release',
    listId: list.id,
    email: author,
    payload: { heldId },
    expiresAt,
  });
  await sendNotice(context, {
    text: 'prove-author',
    to: author,
    list,
    values: {
      subject: quoteSubject(mail.facts.subject),
      link: `${site.baseUrl}/c/${token}`,
      expires: formatDay(expiresAt),
    },
    replyTo: { suffix: 'confirm', token },
    returnPath: 'null',
  });
}

/** The author wrote it and reads there, so the question was in vain for nobody: about their next post they are asked again at once. */
export async function mayAskAgain(
  { tx }: Context,
  author: string,
  list: { readonly id: number },
): Promise<void> {
  await forgetQuota(tx, proveBucket(author));
  await forgetQuota(tx, sameAnswerBucket(author, { text: 'prove-author', list }));
}

function proveBucket(author: string): string {
  return `prove:${author}`;
}
