import type { AttachmentFact } from '../domain/checks.ts';
import type { Rule } from './rule.ts';

/** Refused, not stripped: taking a part out breaks the author's signature, and nobody would hear that something is missing. */
export const attachment: Rule = {
  name: 'attachment',
  summary: 'Refuses attachments that the list does not take: dangerous ones, or any.',
  judge: ({ list, checks: { attachments, unread } }) => {
    const { attachments: allowed } = list.settings;
    if (allowed === 'any') return undefined;
    // Not called harmless, and not refused for good either: the fault may be our machine's.
    if (unread !== undefined) return { verdict: 'hold', why: `nobody could look into it: ${unread}` };
    const dangerous = attachments.find(({ danger }) => danger !== undefined);
    if (dangerous) return { verdict: 'reject', why: dangerous.danger ?? '' };
    const [first] = attachments;
    return allowed === 'none' && first
      ? { verdict: 'reject', why: `this list takes text only, and it carries ${describe(first)}` }
      : undefined;
  },
};

function describe({ filename, type }: AttachmentFact): string {
  return filename === '' ? `an attachment (${type})` : `the attachment “${filename}”`;
}
