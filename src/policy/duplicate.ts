import type { IdentityClass } from '../domain/identity.ts';
import type { Rule } from './rule.ts';

/**
 * A sender whose 250 was lost in a crash sends again: the same post must not go out twice, a different one must not vanish, nor that of
 * somebody whose text another member, who had it by Cc, was quicker to post.
 */
export const duplicate: Rule = {
  name: 'duplicate',
  summary:
    'Recognises a post that is here already by its Message-ID; holds another text, or another author, under the same Message-ID.',
  judge: ({ earlier }) => {
    if (!earlier) return undefined;
    // The other rules are asked as well: whoever has read the archive knows a Message-ID, and a ban or a forgery would be for moderators to see.
    if (!earlier.sameBody) return { verdict: 'hold', why: 'it reuses the Message-ID of another post' };
    return earlier.sameAuthor
      ? { verdict: 'already-there', why: 'the same post is here already', ends: true }
      : { verdict: 'hold', why: 'somebody else has posted the same text under the same Message-ID' };
  },
};

const strength: readonly IdentityClass[] = ['failed', 'unverified', 'verified'];

/**
 * Whether a mail that waits under the same Message-ID and author may stand for a newcomer. One that is less proved may be a forgery,
 * sent ahead by somebody who had the mail by Cc: the real one would vanish into it.
 */
export function mayStandFor(waiting: IdentityClass, newcomer: IdentityClass): boolean {
  return strength.indexOf(waiting) >= strength.indexOf(newcomer);
}
