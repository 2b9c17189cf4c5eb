/** What the next hop's answer means, for whom: the table of email.md §7.3. Pure: no clock, no attempts, no sockets. */

/** Where the conversation was. `dot` is the wait for the answer to a whole message. */
export type Stage = 'connect' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot';

export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** Lines joined by a space, printable, with the enhanced code in front where there is one. */
  readonly text: string;
}

export type Answer =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The connection broke, timed out, or the other side stopped speaking SMTP. */
  | { readonly kind: 'lost'; readonly why: string };

export type Judgement =
  | { readonly kind: 'delivered' }
  /** Later, by the schedule; it counts as an attempt. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'failed' }
  /** The whole message went out and no answer came: it may have arrived. Tried again once. */
  | { readonly kind: 'unanswered' }
  /** At once, in a transaction with fewer recipients; no attempt. */
  | { readonly kind: 'fewer' }
  /** At once, each recipient in a transaction of its own; no attempt. */
  | { readonly kind: 'alone' }
  /** The next hop takes nothing now: everything for it waits, and nothing is counted. */
  | { readonly kind: 'back-off' }
  /** The next hop refuses us, not the mail: only an operator can help, so the queue pauses. */
  | { readonly kind: 'halt' };

/** How the answers of some kind of destination are understood. */
export interface Reading {
  judge(stage: Stage, answer: Answer, shared: boolean): Judgement;
  /** It asks us to send less, or more slowly. */
  throttles(stage: Stage, answer: Answer): boolean;
}

/** A smarthost is ours, or paid for: it takes what we send. */
export const smarthostReading: Reading = { judge, throttles: () => false };

/**
 * `shared`: the transaction has several recipients. A judgement at `rcpt` concerns that recipient, at `data` and `dot` every
 * recipient accepted before, at `mail` the transaction; `back-off` and `halt` always concern the whole destination.
 */
export function judge(stage: Stage, answer: Answer, shared: boolean): Judgement {
  if (answer.kind === 'lost') return judgeLoss(stage);
  const { code } = answer.reply;
  if (code < 300) return { kind: 'delivered' };
  if (isAuthenticationProblem(stage, code)) return { kind: 'halt' };
  // RFC 5321 §3.8: 421 may answer anything, and the server closes. After the dot it is an answer to the message, too.
  if (code === 421 && stage !== 'dot') return { kind: 'back-off' };
  return code < 500 ? judgeTransient(stage, code, shared) : judgePermanent(stage, code, shared);
}

function judgeLoss(stage: Stage): Judgement {
  if (stage === 'dot') return { kind: 'unanswered' };
  // Lost inside the message: it may be this message that kills the connection, so it counts.
  return stage === 'data' ? { kind: 'retry' } : { kind: 'back-off' };
}

function judgeTransient(stage: Stage, code: number, shared: boolean): Judgement {
  if (stage === 'connect' || stage === 'auth' || stage === 'mail') return { kind: 'back-off' };
  // RFC 5321 §4.5.3.1.10: 452 at RCPT means too many recipients, as long as others were accepted.
  return stage === 'rcpt' && code === 452 && shared ? { kind: 'fewer' } : { kind: 'retry' };
}

function judgePermanent(stage: Stage, code: number, shared: boolean): Judgement {
  switch (stage) {
    case 'connect':
    case 'auth':
      return { kind: 'back-off' };
    case 'rcpt':
      // RFC 5321 §4.5.3.1.10: some servers say 552 for too many recipients; a client must treat it as temporary.
      if (code === 552) return shared ? { kind: 'fewer' } : { kind: 'retry' };
      return { kind: 'failed' };
    case 'mail':
      return { kind: 'failed' };
    case 'data':
    case 'dot':
      // One recipient's filter may have spoken for all.
      return shared ? { kind: 'alone' } : { kind: 'failed' };
  }
}

/** RFC 4954 §6: 530 authentication required, 534 mechanism too weak, 535 credentials invalid, 538 encryption required. */
function isAuthenticationProblem(stage: Stage, code: number): boolean {
  if (code === 530) return true;
  return stage === 'auth' && code >= 500;
}

/** One line for the queue, the log and the person who looks: `550 5.1.1 No such user`, or why there was no answer. */
export function describeAnswer(answer: Answer): string {
  return answer.kind === 'reply' ? `${answer.reply.code} ${answer.reply.text}`.trimEnd() : answer.why;
}

/** How the reason begins where the mail itself is at fault, or our disk: it says nothing about the recipient. */
export const couldNotBeMade = 'The copy could not be made';
