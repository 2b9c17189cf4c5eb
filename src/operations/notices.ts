import { createHash } from 'node:crypto';
import type { Address } from '../domain/address.ts';
import { type List, listAddress, subAddress } from '../domain/list.ts';
import { listUrl, type Site } from '../domain/site.ts';
import { encodeBits } from '../domain/token.ts';
import { composeNotice } from '../mail/compose.ts';
import { hasLongLine } from '../mail/line-ends.ts';
import { renderText, type TextKey, type TextValues } from '../mail/texts.ts';
import { makeSendable } from '../rewrite/bytes.ts';
import { storeBody } from '../store/bodies.ts';
import { addDelivery, insertMailing } from '../store/mailings.ts';
import type { Context } from './operation.ts';

const hour = 3_600_000;

export interface Notice {
  readonly text: TextKey;
  readonly values?: TextValues;
  readonly to: Address;
  /** The list it speaks for; without one the site's command address speaks. */
  readonly list?: List;
  /** The mail it answers, for the thread in the reader's mail program and RFC 3834 §3.1.5. */
  readonly answering?: { readonly messageId: string };
  /** Replies confirm: the mail comes from `birds-confirm+TOKEN@`, or from `-mod+` and the like. */
  readonly replyTo?: { readonly suffix: string; readonly token: string };
  /**
   * `null` for answers, so that nothing ever comes back (RFC 3834 §3.3); `verp` where we want to hear of a failure: what we ask
   * somebody to confirm, and the welcome.
   */
  readonly returnPath: 'null' | 'verp';
  /** `bulk` goes out after everything else, posts too: nobody waits for it. Without it, urgent. */
  readonly priority?: 'bulk';
  /** Officers may read it days later: it is tried for five days (email.md §7.4). */
  readonly patient?: boolean;
  /** A whole mail to look at; it goes with lines that a mail may have, or not at all. */
  readonly attachment?: { readonly filename: string; readonly raw: Buffer };
  /** Lists files by List-Id: never on what a person must see to decide, such as confirmations (email.md §2.7). */
  readonly listId?: boolean;
}

/** Puts one of our texts into the outbox, in the operation's own transaction. */
export async function sendNotice(context: Context, notice: Notice): Promise<void> {
  const raw = compose(context, notice);
  const bodyId = await storeBody(context.tx, {
    sha256: createHash('sha256').update(raw).digest(),
    raw,
    now: context.now,
  });
  const mailingId = await insertMailing(context.tx, {
    kind: 'notice',
    listId: notice.list?.id ?? null,
    postId: null,
    bodyId,
    returnPath: notice.returnPath,
    priority: notice.priority ?? 'urgent',
    createdAt: context.now,
    // What somebody waits for is worth nothing tomorrow; thousands of invitations may take their time.
    giveUpAt: context.now + (notice.priority === 'bulk' || notice.patient ? 120 : 24) * hour,
    // A welcome or a question that comes back says more than that an address fails (email.md §6.4).
    facts: notice.returnPath === 'verp' ? { notice: notice.text } : {},
  });
  await addDelivery(context.tx, { mailingId, recipient: notice.to, now: context.now });
}

/** What nearly every text says about its list. */
function listValues(list: List, site: Site): Record<string, string> {
  return {
    list: list.title,
    address: listAddress(list),
    purpose: list.purpose === '' ? '' : `\n${list.purpose}\n`,
    owner: subAddress(list, 'owner'),
    help: subAddress(list, 'request'),
    joinAddress: subAddress(list, 'join'),
    leaveAddress: subAddress(list, 'leave'),
    leave: `${listUrl(site, list)}/leave`,
  };
}

/** `2026-11-28` → “28 Nov 2026”, the way it reads in a sentence. UTC: we do not know where the reader is. */
export function formatDay(time: number): string {
  const day = new Date(time);
  return `${day.getUTCDate()} ${months[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function compose(context: Context, notice: Notice): Buffer {
  const { list, answering } = notice;
  const { subject, body } = renderText(notice.text, {
    ...(list ? listValues(list, context.site) : siteValues(context.site)),
    ...notice.values,
  });
  return composeNotice({
    from: sender(context.site, notice),
    to: notice.to,
    subject,
    text: `${body}\n`,
    date: context.now,
    messageId: `${encodeBits(context.randomBytes(16), 25)}@${context.site.hostname}`,
    ...(answering ? { inReplyTo: answering.messageId, references: [answering.messageId] } : {}),
    autoSubmitted: answering ? 'auto-replied' : 'auto-generated',
    ...sendableAttachment(notice),
    ...(notice.listId && list ? { listId: { title: list.title, id: list.listId } } : {}),
  });
}

/** No server has to take a line over 998 octets, and whoever is to decide must get the mail: rather without what cannot be made to fit. */
function sendableAttachment({ attachment }: Notice): Pick<Notice, 'attachment'> {
  if (!attachment) return {};
  const { raw } = makeSendable(attachment.raw);
  return hasLongLine(raw) ? {} : { attachment: { ...attachment, raw } };
}

function sender(site: Site, { list, replyTo }: Notice): { name: string; address: string } {
  if (!list) return { name: 'Mailing lists', address: `listserv@${site.domains[0]}` };
  const suffix = replyTo ? `${replyTo.suffix}+${replyTo.token}` : 'request';
  return { name: `${list.title} (mailing list)`, address: subAddress(list, suffix) };
}

function siteValues(site: Site): Record<string, string> {
  return { list: site.domains[0], domain: site.domains[0], commands: `listserv@${site.domains[0]}` };
}
