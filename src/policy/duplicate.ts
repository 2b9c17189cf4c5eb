import type { Rule } from './rule.ts';

/** A sender whose 250 was lost in a crash sends again: the same post must not go out twice, a different one must not vanish. */
export const duplicate: Rule = {
  name: 'duplicate',
  summary:
    'Recognises a post that is here already by its Message-ID; holds another text under the same Message-ID.',
  ends: true,
  judge: ({ earlier }) => {
    if (!earlier) return undefined;
    return earlier.sameBody
      ? { verdict: 'already-there', why: 'the same post is here already' }
      : { verdict: 'hold', why: 'it reuses the Message-ID of another post' };
  },
};
