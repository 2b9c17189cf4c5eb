/** What a post says about the conversation it belongs to, and what has to be known to place it (threads.ts places it). */

/** A node of the store. Ids are positive; new nodes and threads of a batch have negative ones until they are stored. */
export interface ThreadNode {
  readonly id: number;
  readonly messageId: string;
  readonly parent: number | null;
  readonly thread: number;
}

/** A post to be placed. */
export interface Arrival {
  readonly messageId: string;
  /** From `referenceChain`: what it answers, the nearest last. */
  readonly chain: readonly string[];
  readonly baseSubject: string;
  readonly isReply: boolean;
  readonly threadIndex?: string | undefined;
  readonly sentAt: number;
}

/** The first stored post of the same Outlook conversation, and the latest one with the same subject within `subjectWindow`. */
export interface Likeness {
  readonly byIndex?: ThreadNode | undefined;
  readonly bySubject?: ThreadNode | undefined;
}

/** More references than this tell nothing new: the oldest and the nearest ones are kept. */
export const longestChain = 32;
/** An answer without references is matched by its subject this far from the other post, in milliseconds. */
export const subjectWindow = 30 * 86_400_000;

/**
 * References, and In-Reply-To at the end when it names one message: that is the parent. Where In-Reply-To names several (old mail
 * programs put addresses there), the last reference is.
 */
export function referenceChain(mail: {
  readonly messageId: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
}): string[] {
  const { inReplyTo, references } = mail;
  const inOrder = inReplyTo.length === 1 ? [...references, ...inReplyTo] : [...inReplyTo, ...references];
  // The last mention counts: it is nearest to the answer.
  const chain = [...new Set(inOrder.reverse())].reverse().filter((id) => id !== mail.messageId);
  return chain.length <= longestChain ? chain : [...chain.slice(0, 1), ...chain.slice(1 - longestChain)];
}

/** By what an arrival without references may still find its conversation: Outlook's index, or a subject that says "Re:". */
export type Fallback =
  | { readonly kind: 'thread-index'; readonly threadIndex: string }
  | { readonly kind: 'subject'; readonly base: string };

export function fallbacksOf(arrival: Arrival): Fallback[] {
  if (arrival.chain.length > 0) return [];
  const fallbacks: Fallback[] = [];
  if (arrival.threadIndex) fallbacks.push({ kind: 'thread-index', threadIndex: arrival.threadIndex });
  if (arrival.isReply && arrival.baseSubject) fallbacks.push({ kind: 'subject', base: arrival.baseSubject });
  return fallbacks;
}

/**
 * Whether placing this batch may close a loop among stored nodes: only a message that others already answered can become its own
 * ancestor. The store then loads ancestors too, as far as it likes; a link that leads beyond them is not made.
 */
export function mayLoop(arrivals: readonly Arrival[], known: ReadonlyMap<string, ThreadNode>): boolean {
  return arrivals.some(({ messageId, chain }) => {
    let above: ThreadNode | undefined;
    return [...chain, messageId].some((name) => {
      const node = known.get(name);
      const moves = node !== undefined && above !== undefined && node.parent !== above.id;
      above = node ?? above;
      return moves;
    });
  });
}
