import type { List } from '../../domain/list.ts';
import type { MailingFacts } from '../../domain/mailing.ts';
import { messageIdHash } from '../../mail/message-id-hash.ts';
import { storeBody } from '../../store/bodies.ts';
import { startFanOut } from '../../store/fan-out.ts';
import { insertMailing } from '../../store/mailings.ts';
import { findMembership, updateMembership } from '../../store/memberships.ts';
import { insertPost, isArchived } from '../../store/posts.ts';
import type { Context } from '../operation.ts';
import type { AcceptedMail } from './accepted-mail.ts';
import { aliasFor } from './author-alias.ts';
import { withoutAuthor } from './without-author.ts';

/** Archive row, mailing and the first deliveries, in one transaction: never archived and not sent, nor sent and not archived. */
export async function sendToList(
  context: Context,
  received: AcceptedMail,
  list: List,
): Promise<{ id: number; number: number }> {
  const { tx, now } = context;
  const mail = list.settings.anonymous ? withoutAuthor(context, received, list) : received;
  const { facts } = mail;
  const bodyId = await storeBody(tx, { sha256: facts.sha256, raw: mail.raw, now });
  const messageId = await freeMessageId(context, list, facts.messageId);
  const hash = messageIdHash(messageId);
  const post = await insertPost(tx, {
    listId: list.id,
    bodyId,
    messageId,
    hash,
    bodyHash: facts.bodySha256,
    author: facts.author ?? { email: '', name: '' },
    subject: facts.subject,
    sentAt: facts.sentAt ?? now,
    receivedAt: now,
  });
  const mailingId = await insertMailing(tx, {
    kind: 'post',
    listId: list.id,
    postId: post.id,
    bodyId,
    returnPath: 'verp',
    priority: 'normal',
    createdAt: now,
    giveUpAt: now + context.site.giveUp,
    facts: await factsOf(context, mail, { list, number: post.number, hash }),
  });
  const authorEmail = received.facts.author?.email ?? '';
  if (list.settings.anonymous) await trustOnceForAll(context, list, authorEmail);
  const lease = context.lease();
  context.handOver(await startFanOut(tx, { mailingId, listId: list.id, now, authorEmail, lease }));
  return post;
}

/** Whether answers, which go to the list, would pass by the author of a rewritten post: asked only where they do. */
export async function isUnheard({ tx }: Context, list: List, author = ''): Promise<boolean> {
  return list.settings.reply_to === 'list' && !(await findMembership(tx, list.id, author));
}

/** Nobody can count the posts of a newcomer where no author is kept: one that went out is enough. */
async function trustOnceForAll({ tx, now }: Context, list: List, email: string): Promise<void> {
  const member = await findMembership(tx, list.id, email);
  if (member && member.trustedAt === null) await updateMembership(tx, member.id, { trustedAt: now });
}

async function factsOf(
  context: Context,
  { trace, facts, checks, edited }: AcceptedMail,
  { list, ...archived }: { readonly list: List; readonly number: number; readonly hash: string },
): Promise<MailingFacts> {
  const { authentication, policy } = checks.identity;
  const proved = checks.identity.class === 'verified';
  const forced = edited && 'a moderator changed it';
  const alias = await aliasFor(context, { list, author: facts.author, proved, policy, forced });
  return {
    trace,
    ...archived,
    author: facts.author?.email ?? '',
    ...(authentication && { authentication }),
    proved,
    policy,
    ...(alias !== undefined && { alias }),
    ...(alias !== undefined && (await isUnheard(context, list, facts.author?.email)) && { stranger: true }),
    ...(edited && { munge: true, edited }),
  };
}

/** A moderator let another text with the same Message-ID through: the archive calls it `…-2`, as an import would (email.md §9). */
async function freeMessageId(context: Context, list: List, messageId: string): Promise<string> {
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? messageId : `${messageId}-${copy}`;
    if (!(await isArchived(context.tx, list.id, candidate))) return candidate;
  }
}
