import { enhancedCode, mostTelling } from '../domain/failure-class.ts';
import { decodeHeader } from './decode-header.ts';
import { firstValue, type HeaderField, type MailHead, readHead } from './headers.ts';

/** What a report says of one recipient (RFC 3464 §2.3). */
export interface ReportedRecipient {
  /** The names it gives them, as written: the one our envelope had first, where it is told. None in old forms that name nobody. */
  readonly addresses: readonly string[];
  readonly action: ReportAction;
  /** The most telling enhanced code. */
  readonly status: string | undefined;
  /** What the refusing server said, one line, at most 500 characters; '' where nothing was. */
  readonly said: string;
  /** Which command that answered, where it is told. */
  readonly stage?: 'rcpt' | 'data' | undefined;
}

/** Anything but `failed` tells something and costs nobody anything. */
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

const maxGroups = 200;
const longestSaid = 500;

/** The recipients of a message/delivery-status or message/global-delivery-status (RFC 6533 §3), its transfer encoding undone. */
export function readDeliveryStatus(body: Buffer): ReportedRecipient[] {
  return splitGroups(body)
    .flatMap((group) => splitRecipients(readHead(group)))
    .slice(0, maxGroups)
    .flatMap((fields) => readRecipient(fields) ?? []);
}

/** Blank lines part the fields of the message from those of each recipient (RFC 3464 §2.1). */
function splitGroups(body: Buffer): Buffer[] {
  const groups: Buffer[] = [];
  for (let start = 0; start < body.length && groups.length < maxGroups; ) {
    const { end, bodyStart } = readHead(body.subarray(start));
    if (end > 0) groups.push(body.subarray(start, start + end));
    start += Math.max(bodyStart, 1);
  }
  return groups;
}

/** AOL and others leave the blank lines out: what has been said of a recipient already is said of the next one. */
function splitRecipients({ fields }: MailHead): Fields[] {
  const groups: HeaderField[][] = [];
  let seen = new Set<string>();
  for (const field of fields) {
    const isNext = recipientFields.has(field.name) && seen.has(field.name);
    if (isNext || groups.length === 0) {
      groups.push([]);
      seen = new Set();
    }
    groups.at(-1)?.push(field);
    seen.add(field.name);
  }
  return groups.map((group) => ({ fields: group }));
}

type Fields = Pick<MailHead, 'fields'>;

const recipientFields: ReadonlySet<string> = new Set(['original-recipient', 'final-recipient']);

function readRecipient(head: Fields): ReportedRecipient | undefined {
  const names = ['original-recipient', 'final-recipient', 'x-actual-recipient'].map((name) =>
    withoutType(firstValue(head, name)),
  );
  const written = firstValue(head, 'action').toLowerCase();
  const status = firstValue(head, 'status');
  if (names.every((name) => name === '') && written === '' && !/^[245]\./.test(status)) return undefined;
  const said = diagnosis(head);
  return {
    addresses: [...new Set(names.filter((name) => name.includes('@')))],
    action: readAction(written, status),
    status: mostTelling(enhancedCode(said), enhancedCode(status)),
    said,
  };
}

/** Some put a comment behind it; some put none at all, and the status tells. */
function readAction(written: string, status: string): ReportAction {
  const known = /^\s*(failed|delayed|delivered|relayed|expanded)\b/.exec(written)?.[1];
  if (known) return known as ReportAction;
  if (/^\s*(?:failure|undeliverable)/.test(written)) return 'failed';
  return status.startsWith('2') ? 'delivered' : 'failed';
}

/** `smtp; 550 5.1.1 No such user`: without the kind of code that it is. */
function diagnosis(head: Fields): string {
  const code = firstValue(head, 'diagnostic-code') || firstValue(head, 'x-diagnostic-code');
  return decodeHeader(code.slice(0, longestSaid * 4).replace(/^\s*[\w-]{1,20}\s*;\s*/, '')).slice(
    0,
    longestSaid,
  );
}

/** `rfc822; <alice@example.com>` → `alice@example.com`; RFC 6533 §3: `utf-8; …` with its escapes as they are. */
function withoutType(value: string): string {
  const text = value
    .slice(0, 1_000)
    .replace(/^\s*[\w-]{1,20}\s*;/, '')
    .trim();
  return /^<([^<>]*)>/.exec(text)?.[1] ?? text.split(/[\s(]/, 1)[0] ?? '';
}
