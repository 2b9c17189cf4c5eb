import type { List } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';
import { blank, type Filling, templateOf } from '../mail/template.ts';

/** Signed tokens of one membership: 15 characters for the address, 23 for the link. */
export interface LeaveTokens {
  readonly leaveAddressToken: string;
  readonly leaveLinkToken: string;
}

/** Of the fields that `personalHeaders` makes, lower case. */
export const personalNames = ['list-unsubscribe', 'list-unsubscribe-post', 'feedback-id'] as const;

/**
 * The fields of one recipient's copy, with CRLF: one-click leaving (RFC 8058 §3.1: one https URI, and the -Post field)
 * and the complaint feedback id, by which receivers group complaints: that of the post. Never folded inside `<>`. Returns what
 * makes them for each recipient: one template for all.
 */
export function personalHeaders(
  list: List,
  site: Site,
  postNumber: number,
): (tokens: LeaveTokens) => Filling {
  const { name, domain } = list;
  const template = templateOf(
    `List-Unsubscribe: <${site.baseUrl}/u/${blank(0)}>,\r\n` +
      ` <mailto:${name}-leave+${blank(1)}@${domain}?subject=unsubscribe>\r\n` +
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
      `Feedback-ID: p${postNumber}:${name}:post:${senderId(domain)}\r\n`,
  );
  return ({ leaveAddressToken, leaveLinkToken }) => ({
    template,
    values: [leaveLinkToken, leaveAddressToken],
  });
}

/** The SenderId of a Feedback-ID: 5 to 15 letters and digits, the same for all our mail. */
function senderId(domain: string): string {
  return `lw${domain.replace(/[^a-z0-9]/g, '')}lists`.slice(0, 15);
}
