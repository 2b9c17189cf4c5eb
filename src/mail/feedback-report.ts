import { firstValue, type MailHead, readHead } from './headers.ts';
import type { MimePart } from './mime-tree.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** A complaint of a mailbox provider's user (ARF, RFC 5965). */
export interface Feedback {
  /** `abuse`, `fraud`, `virus`, `not-spam`, `other`, `opt-out` …, lower case; `other` where none is named (RFC 5965 §7.3). */
  readonly type: string;
  /** What may be a return path or a leave token of ours, in the mail that is complained about; each has to be verified. */
  readonly tokens: readonly FeedbackToken[];
}

export type FeedbackToken =
  /** `birds-bounces+TOKEN@`: names a delivery. */
  | { readonly kind: 'bounce'; readonly token: string }
  /** `birds-leave+TOKEN@` or `/u/TOKEN`: names a membership. `length`: how much of its seal is there. */
  | { readonly kind: 'leave'; readonly token: string; readonly length: 15 | 23 };

const maxTokens = 20;
/** Of the mail that is complained about only its header block is read, in bytes. */
const maxHead = 64 * 1024;

/** `report`: its message/feedback-report; `parts`: all parts of the mail. Never throws. */
export function readFeedback(report: MimePart, parts: readonly MimePart[]): Feedback {
  const fields = readHead(bytesOf(report));
  const written = firstValue(fields, 'feedback-type').toLowerCase().slice(0, 40).trim();
  const about = parts.filter(isReturnedMail).map((part) => readHead(bytesOf(part).subarray(0, maxHead)));
  return {
    type: /^[a-z-]+/.exec(written)?.[0] ?? 'other',
    tokens: [fields, ...about].flatMap(tokensIn).slice(0, maxTokens),
  };
}

/** RFC 5965 §2 (d): the mail itself or its header block. */
function isReturnedMail({ type }: MimePart): boolean {
  return ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/rfc822-headers'].includes(type);
}

function bytesOf({ body, head }: MimePart): Buffer {
  return decodeTransfer(body, firstValue(head, 'content-transfer-encoding'));
}

/** In the fields that carry them; `Original-Mail-From` is the report's own name for the return path (RFC 5965 §3.2). */
function tokensIn(head: MailHead): FeedbackToken[] {
  return head.fields.flatMap(({ name, value }) => {
    if (name === 'return-path' || name === 'original-mail-from') return bounceTokens(value);
    return name === 'list-unsubscribe' ? leaveTokens(value) : [];
  });
}

function bounceTokens(value: string): FeedbackToken[] {
  return [...value.slice(0, 1_000).matchAll(/-bounces\+([0-9a-z]{15})@/gi)].map(([, token = '']) => ({
    kind: 'bounce',
    token,
  }));
}

function leaveTokens(value: string): FeedbackToken[] {
  const text = value.slice(0, 4_000);
  const link = [...text.matchAll(/\/u\/([0-9a-z]{23})(?![0-9a-z])/gi)];
  const address = [...text.matchAll(/-leave\+([0-9a-z]{15})@/gi)];
  return [
    ...link.map(([, token = '']) => ({ kind: 'leave', token, length: 23 }) as const),
    ...address.map(([, token = '']) => ({ kind: 'leave', token, length: 15 }) as const),
  ];
}
