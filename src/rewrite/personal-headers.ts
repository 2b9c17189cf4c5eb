import type { List } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';

export interface PersonalFacts {
  /** Signed tokens of this membership: 15 characters for the address, 23 for the link. */
  readonly leaveAddressToken: string;
  readonly leaveLinkToken: string;
  /** What receivers group complaints by: the post. */
  readonly postNumber: number;
}

/**
 * The fields of one recipient's copy, as text with CRLF: one-click leaving (RFC 8058 §3.1: one https URI, and the -Post field)
 * and the complaint feedback id. Never folded inside `<>`. Made per recipient, so it is one template and no more.
 */
export function personalHeaders(list: List, site: Site, personal: PersonalFacts): string {
  return (
    `List-Unsubscribe: <${site.baseUrl}/u/${personal.leaveLinkToken}>,\r\n` +
    ` <mailto:${list.name}-leave+${personal.leaveAddressToken}@${list.domain}?subject=unsubscribe>\r\n` +
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
    `Feedback-ID: p${personal.postNumber}:${list.name}:post:${senderId(list.domain)}\r\n`
  );
}

/** The SenderId of a Feedback-ID: 5 to 15 letters and digits, the same for all our mail. */
export function senderId(domain: string): string {
  return `lw${domain.replace(/[^a-z0-9]/g, '')}lists`.slice(0, 15);
}
