import type { Membership } from '../../domain/membership.ts';
import type { Preferences } from '../inputs.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';

/** The lines of a mail that offer to put settings back, for a week; '' where there is nothing to put back. */
export async function undoOf(
  context: Context,
  member: Membership,
  former: Preferences | undefined,
): Promise<string> {
  if (!former) return '';
  const { token } = await issueToken(context, {
    kind: 'preferences',
    listId: member.listId,
    email: member.email,
    payload: former,
  });
  return `
Not what you wanted? Put it back within 7 days – open this page and press the button:
  ${context.site.baseUrl}/c/${token}`;
}

/** What puts a change back; undefined for one that cannot be, such as the end of a holiday. */
export function formerOf(member: Membership, changes: Preferences): Preferences | undefined {
  const { mode, ownCopy, name, pausedUntil } = changes;
  const former: Preferences = {
    ...(mode !== undefined && mode !== member.mode && { mode: member.mode }),
    ...(ownCopy !== undefined && ownCopy !== member.ownCopy && { ownCopy: member.ownCopy }),
    ...(name !== undefined && name !== member.name && { name: member.name }),
    ...(typeof pausedUntil === 'number' && member.pausedAt === null && { pausedUntil: null }),
  };
  return Object.keys(former).length > 0 ? former : undefined;
}
