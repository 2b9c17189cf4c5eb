import { isVacation } from './automatic.ts';
import { decodeHeader } from './decode-header.ts';
import { type ReportedRecipient, readDeliveryStatus } from './delivery-status.ts';
import { type Feedback, readFeedback } from './feedback-report.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { type MimePart, readMime } from './mime-tree.ts';
import { gist, noticeText, stageIn, textAbout } from './notice-text.ts';
import { looksLikeNotice, readNotice, saysFailure } from './old-notice.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** What a mail to a return path of ours is (email.md §6.2). */
export type Report =
  | { readonly kind: 'delivery'; readonly recipients: readonly ReportedRecipient[] }
  | { readonly kind: 'complaint'; readonly feedback: Feedback }
  /** Somebody opened a mail (RFC 8098), is on holiday (RFC 3834), or just wrote. */
  | { readonly kind: 'nothing'; readonly why: 'receipt' | 'automatic reply' | 'no report' };

/** Reports say what they have to in their first lines; the mail that they bring back is long and not looked at. In bytes. */
const maxRead = 256 * 1024;

/** Any bytes, never throws; bounded, because it runs in the SMTP process. */
export function readReport(raw: Buffer): Report {
  const view = raw.subarray(0, maxRead);
  const head = readHead(view);
  const tree = readMime(view, head);
  const parts = leavesOf(tree);
  const feedback = parts.find(({ type }) => type === 'message/feedback-report');
  if (feedback) return { kind: 'complaint', feedback: readFeedback(feedback, parts) };
  const told = readStructured(parts);
  if (told.length > 0) return { kind: 'delivery', recipients: told };
  if (parts.some(isReceipt)) return { kind: 'nothing', why: 'receipt' };
  return readUnstructured(head, parts);
}

function readStructured(parts: readonly MimePart[]): readonly ReportedRecipient[] {
  const recipients = parts.filter(isDeliveryStatus).flatMap((part) => readDeliveryStatus(bytesOf(part)));
  return recipients.length > 0 ? withText(recipients, noticeText(parts)) : [];
}

/** Before there were standards each server had its own words, and some still do. */
function readUnstructured(head: MailHead, parts: readonly MimePart[]): Report {
  const subject = decodeHeader(firstValue(head, 'subject').slice(0, 1_000));
  const isNotice = looksLikeNotice(head, subject);
  if (isVacation(head, subject) && !saysFailure(head, subject))
    return { kind: 'nothing', why: 'automatic reply' };
  const wrapped = isNotice ? parts.filter(isWholeReport).flatMap(({ children }) => children) : [];
  const inner = readStructured(wrapped.flatMap(leavesOf));
  if (inner.length > 0) return { kind: 'delivery', recipients: inner };
  const text = noticeText(parts);
  const recipients = readNotice(head, { subject, text, certain: isNotice });
  return recipients.length > 0 ? { kind: 'delivery', recipients } : { kind: 'nothing', why: 'no report' };
}

/** Where the fields say next to nothing, what is written for people may say it. */
function withText(recipients: readonly ReportedRecipient[], text: string): readonly ReportedRecipient[] {
  if (recipients.length > mostSoughtInText) return recipients;
  const among = recipients.flatMap(({ addresses }) => addresses);
  return recipients.map((recipient) => {
    const about = textAbout(text, recipient.addresses, among);
    const said = recipient.said === '' ? gist(about) : recipient.said;
    return { ...recipient, said, stage: stageIn(about) };
  });
}

const mostSoughtInText = 20;

const statusTypes: ReadonlySet<string> = new Set([
  'message/delivery-status',
  'message/global-delivery-status',
]);
const receiptTypes: ReadonlySet<string> = new Set([
  'message/disposition-notification',
  'message/global-disposition-notification',
]);

/** Some filters pack the report of the server behind them into one of their own. */
function isWholeReport({ type, children }: MimePart): boolean {
  const [mail] = children;
  return type === 'message/rfc822' && mail?.type === 'multipart/report' && looksLikeNotice(mail.head, '');
}

function isDeliveryStatus({ type }: MimePart): boolean {
  return statusTypes.has(type);
}

function isReceipt({ type }: MimePart): boolean {
  return receiptTypes.has(type);
}

function bytesOf({ body, head }: MimePart): Buffer {
  return decodeTransfer(body, firstValue(head, 'content-transfer-encoding'));
}

/** Not what is inside the mail that comes back: whoever wrote that must not report on others. */
function leavesOf(part: MimePart): readonly MimePart[] {
  if (!part.type.startsWith('multipart/')) return [part];
  return part.children.flatMap(leavesOf);
}
