import type { AttachmentFact } from '../domain/checks.ts';
import type { Rule } from './rule.ts';

/** Refused, not stripped: taking a part out breaks the author's signature, and nobody would hear that something is missing. */
export const attachment: Rule = {
  name: 'attachment',
  summary:
    'Refuses attachments that the list does not take: dangerous ones, or any; holds those that nobody could look into.',
  judge: ({ list, checks: { attachments, unread } }) => {
    const { attachments: allowed } = list.settings;
    if (allowed === 'any') return undefined;
    // Not called harmless, and not refused for good either: the fault may be our machine's.
    if (unread !== undefined) return { verdict: 'hold', why: `nobody could look into it: ${unread}` };
    const dangerous = attachments.find(({ danger }) => danger !== undefined);
    if (dangerous)
      return { verdict: 'reject', why: dangerous.danger ?? '', advice: 'Send it again without that' };
    const [first] = attachments;
    if (allowed === 'none' && first)
      return {
        verdict: 'reject',
        why: `this list takes text only, and it carries ${describe(first)}`,
        advice: 'Put files on a web page and send its address',
      };
    const closed = attachments.find((each) => each.closed !== undefined)?.closed;
    return closed === undefined ? undefined : { verdict: 'hold', why: closed };
  },
};

function describe({ filename, type }: AttachmentFact): string {
  return filename === '' ? `an attachment (${type})` : `the attachment “${filename}”`;
}
