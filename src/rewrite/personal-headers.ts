import type { List } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';

/** Signed tokens of one membership: 15 characters for the address, 23 for the link. */
export interface LeaveTokens {
  readonly leaveAddressToken: string;
  readonly leaveLinkToken: string;
}

/** Of the fields that `personalHeaders` makes, lower case. */
export const personalNames = ['list-unsubscribe', 'list-unsubscribe-post', 'feedback-id'] as const;

/**
 * The fields of one recipient's copy, as text with CRLF: one-click leaving (RFC 8058 §3.1: one https URI, and the -Post field)
 * and the complaint feedback id, by which receivers group complaints: that of the post. Never folded inside `<>`. Returns what
 * makes them for each recipient: one template and no more.
 */
export function personalHeaders(list: List, site: Site, postNumber: number): (tokens: LeaveTokens) => string {
  const { name, domain } = list;
  const constant =
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
    `Feedback-ID: p${postNumber}:${name}:post:${senderId(domain)}\r\n`;
  return ({ leaveAddressToken, leaveLinkToken }) =>
    `List-Unsubscribe: <${site.baseUrl}/u/${leaveLinkToken}>,\r\n` +
    ` <mailto:${name}-leave+${leaveAddressToken}@${domain}?subject=unsubscribe>\r\n${constant}`;
}

/** The SenderId of a Feedback-ID: 5 to 15 letters and digits, the same for all our mail. */
export function senderId(domain: string): string {
  return `lw${domain.replace(/[^a-z0-9]/g, '')}lists`.slice(0, 15);
}
