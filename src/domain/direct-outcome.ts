/** What the answer of a recipient's own mail server means, where it differs from a smarthost's: nobody there owes us anything. */
import {
  type Answer,
  castsDoubt,
  type Judgement,
  judge,
  type Reading,
  type Reply,
  type Stage,
} from './outcome.ts';

export const mailServerReading: Reading = {
  judge: judgeMailServer,
  advice: () => undefined,
  throttles: (stage, answer) => answer.kind === 'reply' && isThrottle(answer.reply, stage),
  // What several recipients are told in a row is about us.
  doubts: (stage, answer) =>
    castsDoubt(stage, answer) || (stage === 'rcpt' && answer.kind === 'reply' && asksForLess(answer.reply)),
};

export function judgeMailServer(stage: Stage, answer: Answer, shared: boolean): Judgement {
  if (answer.kind === 'reply') {
    if (isThrottle(answer.reply, stage)) return { kind: 'back-off' };
    // "Must issue STARTTLS first", "relaying denied": no login of ours would help, and nobody else's mail waits for it.
    if (answer.reply.code === 530 && stage !== 'connect')
      return { kind: stage === 'mail' || !shared ? 'failed' : 'alone' };
  }
  const judgement = judge(stage, answer, shared);
  return judgement.kind === 'halt' ? { kind: 'back-off' } : judgement;
}

/** Gmail's, Yahoo's, Outlook's: never about one recipient. */
const providersCode = /4\.7\.28\b|\bTSS\d\d|\bRP-00\d/;
/** What others write. Too many recipients are another matter. */
const wordsOfThrottling = /\brate\b|\brate-?limit|\bthrottl|\btoo (?:many|much)\b(?! recipients)/i;
const greylisting = /gr[ae]y-?list/i;
/** RFC 3463 §3.3: X.2.x is the mailbox's. */
const mailboxCode = /^4\.2\.\d/;
const mailboxWords = /\b(?:user|mailbox|inbox|recipient|account)s?\b/i;

/**
 * The server asks for less mail from us, whoever it is for: 421, 450 or 451 with an enhanced code of 4.7 or words that say so
 * (email.md §7.4). At RCPT the same codes and words are mostly about one recipient: greylisting, a mailbox over its rate. There only
 * the large providers' own codes are certain.
 */
function isThrottle(reply: Reply, stage: Stage): boolean {
  if (!mayThrottle(reply)) return false;
  const { code, text } = reply;
  if (providersCode.test(text)) return true;
  if (stage === 'rcpt' || mailboxCode.test(text)) return false;
  return wordsOfThrottling.test(text) || code === 421 || stage === 'connect' || stage === 'mail';
}

function mayThrottle({ code, text }: Reply): boolean {
  if (code !== 421 && code !== 450 && code !== 451) return false;
  if (greylisting.test(text) || /^4\.5\.3\b/.test(text)) return false;
  return providersCode.test(text) || wordsOfThrottling.test(text) || /^4\.7\.\d/.test(text);
}

/** Words of throttling, and none of whose mailbox: about us, if several recipients are told so. */
function asksForLess(reply: Reply): boolean {
  const { text } = reply;
  if (!mayThrottle(reply) || mailboxCode.test(text) || mailboxWords.test(text)) return false;
  return wordsOfThrottling.test(text);
}
