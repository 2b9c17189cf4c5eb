import { createHmac } from 'node:crypto';
import type { HmacKeys } from '../domain/keys.ts';
import { encodeBits } from '../domain/token.ts';

/**
 * The Message-ID that stands for another one on an anonymous list: always the same, so that answers find what they answer; and nobody
 * without the key can tell of which mail it is. Without angle brackets.
 */
export function anonymousId(
  { secrets: [secret] }: HmacKeys,
  {
    listId,
    messageId,
    hostname,
  }: { readonly listId: number; readonly messageId: string; readonly hostname: string },
): string {
  const digest = createHmac('sha256', secret).update(`anonymous:${listId}:${messageId}`).digest();
  return `${encodeBits(digest, 25)}@${hostname}`;
}
