import type { Address } from '../../domain/address.ts';
import { type List, subAddress } from '../../domain/list.ts';
import { readableText } from '../../mail/readable-text.ts';
import type { NewHeld } from '../../store/held.ts';
import { queueNotices } from '../../store/moderator-notices.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { claimedAuthor, describeAttachment, describeIdentity, historyOf, oneLine } from './describe-held.ts';
import { moderatorsOf } from './moderators.ts';

/** A larger post is not attached: moderators read its beginning, and the rest on the page. Bytes. */
const largestAttached = 64 * 1024;
const shownLines = 20;
const shownColumns = 160;

/** Mails with a whole post that are written in one transaction: each is compressed and stored by itself. */
export const announcedInStep = 5;

interface Announced {
  readonly list: List;
  readonly held: NewHeld & { readonly id: number };
  readonly raw: Buffer;
}

/**
 * Asks everybody who moderates a list about a post that was just held: the first few in the transaction that holds it, so that a larger
 * team makes no mail server wait; the others within the minute (write-to-moderators).
 */
export async function announceHeld(context: Context, about: Announced): Promise<void> {
  const { list, held } = about;
  const moderators = await moderatorsOf(context, list);
  await announceTo(context, about, moderators.slice(0, announcedInStep));
  const others = moderators.slice(announcedInStep);
  await queueNotices(
    context.tx,
    others.map((email) => ({ kind: 'held', listId: list.id, email, heldIds: [held.id], count: 1 })),
  );
}

/** Each can answer by mail, by a link or on a page. */
export async function announceTo(
  context: Context,
  about: Announced,
  moderators: readonly Address[],
): Promise<void> {
  const { list, held, raw } = about;
  if (moderators.length === 0) return;
  const values = await wordsFor(context, held, raw);
  for (const to of moderators) {
    const { token } = await issueToken(context, {
      kind: 'moderate',
      listId: list.id,
      email: to,
      payload: { held: [held.id] },
      expiresAt: held.expiresAt,
    });
    await sendNotice(context, {
      text: 'please-decide',
      to,
      list,
      values: {
        ...values,
        mod: subAddress(list, `mod+${token}`),
        link: `${context.site.baseUrl}/c/${token}`,
      },
      replyTo: { suffix: 'mod', token },
      returnPath: 'verp',
      patient: true,
      ...(raw.length <= largestAttached ? { attachment: { filename: `held-${held.id}.eml`, raw } } : {}),
    });
  }
}

async function wordsFor(
  context: Context,
  held: NewHeld,
  raw: Buffer,
): Promise<Readonly<Record<string, string>>> {
  const attachments = held.checks.attachments.slice(0, 10).map(describeAttachment);
  return {
    subject: oneLine(held.subject, 100) || '(no subject)',
    reasons: held.reasons.map(({ why }) => oneLine(why)).join(';\n'),
    from: claimedAuthor(held),
    identity: describeIdentity(held.checks),
    history: await historyOf(context, held),
    attachments: attachments.map((line) => `Attached:  ${line}\n`).join(''),
    excerpt: excerpt(readableText(raw)),
    rest:
      raw.length <= largestAttached
        ? ''
        : `(It has ${Math.ceil(raw.length / 1000)} KB, too much to attach.)\n`,
    expires: formatDay(held.expiresAt),
  };
}

/** Marked as a quote, so that nothing of it can look like ours, and no answer above it is taken from it. */
function excerpt(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => oneLine(line, shownColumns));
  const told = lines.filter((line, i) => line !== '' || (lines[i - 1] ?? '') !== '');
  const shown = (told.at(-1) === '' ? told.slice(0, -1) : told).slice(0, shownLines);
  return shown.map((line) => `> ${line}`.trimEnd()).join('\n');
}
