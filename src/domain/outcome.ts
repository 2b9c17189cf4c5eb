/** What the next hop's answer means, for whom: the table of email.md §7.3. Pure: no clock, no attempts, no sockets. */

import { classifyFailure } from './failure-class.ts';

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
  /** The next hop takes nothing now: everything for it waits, and nothing is counted. Said when a session begins. */
  | { readonly kind: 'back-off' }
  /** The next hop refuses us, not the mail: only an operator can help, so the queue pauses. */
  | { readonly kind: 'halt' };

/** How the answers of some kind of destination are understood. */
export interface Reading {
  judge(stage: Stage, answer: Answer, shared: boolean): Judgement;
  /** It asks us to send less, or more slowly. */
  throttles(stage: Stage, answer: Answer): boolean;
  /** The trouble may be the next hop's own; it is believed where several transactions in a row meet the same. */
  doubts(stage: Stage, answer: Answer): boolean;
  /** What an operator has to mend, a sentence; undefined where nothing is known to be wrong. */
  advice(stage: Stage, answer: Answer): string | undefined;
}

/**
 * A smarthost is ours, or paid for: it takes what we send. One that will not relay was set up wrong, or we were: nobody's address is to
 * blame, and what it refused waits until somebody has mended it.
 */
export const smarthostReading: Reading = {
  judge: (stage, answer, shared) =>
    deniesRelay(stage, answer) ? { kind: 'retry' } : judge(stage, answer, shared),
  throttles: () => false,
  doubts: (stage, answer) => castsDoubt(stage, answer) || deniesRelay(stage, answer),
  advice: (stage, answer) =>
    deniesRelay(stage, answer)
      ? 'The smarthost does not relay for us. Allow this server there (Postfix: mynetworks), or put a user and a password into delivery.smarthost. The mail waits until delivery.give_up; then “queue retry”.'
      : undefined,
};

/** At the final dot, too: some servers look at the envelope only then. */
function deniesRelay(stage: Stage, answer: Answer): boolean {
  if (answer.kind === 'lost' || beginsSession(stage)) return false;
  const { code, text } = answer.reply;
  // RFC 6531 §3.5: that it cannot be told of an address in UTF-8 is about that address.
  if (code < 500 || code === 530 || text.startsWith('5.6.7')) return false;
  return classifyFailure({ code, text }) === 'relay';
}

/**
 * `shared`: the transaction has several recipients. A judgement at `rcpt` concerns that recipient, at `data` and `dot` every
 * recipient accepted before, at `mail` the transaction; `back-off` and `halt` always concern the whole destination.
 */
export function judge(stage: Stage, answer: Answer, shared: boolean): Judgement {
  if (answer.kind === 'lost') return judgeLoss(stage, shared);
  const { code } = answer.reply;
  if (code < 300) return { kind: 'delivered' };
  if (isAuthenticationProblem(stage, code)) return { kind: 'halt' };
  return code < 500 ? judgeTransient(stage, code, shared) : judgePermanent(stage, code, shared);
}

/**
 * A session had begun well: it may be this message, or one of its recipients, that the server cannot bear. So it counts, or whatever
 * has this effect would be tried first each time, and all mail for this next hop would stand behind it.
 */
function judgeLoss(stage: Stage, shared: boolean): Judgement {
  if (stage === 'dot') return { kind: 'unanswered' };
  return beginsSession(stage) ? { kind: 'back-off' } : judgeEnd(stage, shared);
}

/** RFC 5321 §3.8: 421 may answer anything, and the server closes. */
function judgeEnd(stage: Stage, shared: boolean): Judgement {
  // One recipient may have spoken for all.
  return { kind: stage === 'rcpt' && shared ? 'alone' : 'retry' };
}

function beginsSession(stage: Stage): boolean {
  return stage === 'connect' || stage === 'auth';
}

function judgeTransient(stage: Stage, code: number, shared: boolean): Judgement {
  if (beginsSession(stage)) return { kind: 'back-off' };
  if (code === 421) return judgeEnd(stage, shared);
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

/** A transaction that ended the session, or that was not even begun: 421, a loss, 4yz at MAIL. */
export function castsDoubt(stage: Stage, answer: Answer): boolean {
  if (beginsSession(stage)) return false;
  if (answer.kind === 'lost') return true;
  const { code } = answer.reply;
  return code === 421 || (stage === 'mail' && code >= 400 && code < 500);
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

/** How the reason begins where we have not sent it, although nobody there refused it: nobody pays for that. */
export const withheld = {
  warmUp: 'warm-up:',
  policy: '4.7.5 no mail server of',
  breaker: 'Held back:',
  untried: 'Given up:',
} as const;

export function isWithheld(reply: string): boolean {
  return Object.values(withheld).some((start) => reply.startsWith(start));
}

/** How the reason begins where a server wants no mail of ours at all (RFC 5321 §3.1): our trouble with it, whatever its words. */
export const refusedAll = 'Refused at its greeting:';

/** How the reason begins where the mail itself is at fault, or our disk: it says nothing about the recipient. */
export const couldNotBeMade = 'The copy could not be made';
