/** A post of the author of the mail that is being judged, on the same list. */
export interface OwnPost {
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Nobody reads one's own post as it comes back, thinks and answers it in less. */
const quick = 60_000;
export const watched = 3_600_000;

/**
 * Whether a mail answers a post that its own author has just written, or the latest in a row of such answers: what a responder does that
 * takes every copy for a letter, its own posts among them. `chain` from referenceChain; `own`: posts of the last hour.
 */
export function answersItself(chain: readonly string[], own: readonly OwnPost[], now: number): boolean {
  const parent = own.find(({ messageId }) => messageId === chain.at(-1));
  if (!parent) return false;
  const before = chain.at(-2);
  return now - parent.receivedAt < quick || own.some(({ messageId }) => messageId === before);
}

/** git send-email answers its own cover letter with each patch of a series, and the series before with the next one. */
export function isPatch(subject: string): boolean {
  return /^\[[^\]]{0,60}\bPATCH\b[^\]]{0,60}\]/i.test(subject);
}
