/** What the answer of a recipient's own mail server means, where it differs from a smarthost's: nobody there owes us anything. */
import { type Answer, type Judgement, judge, type Reading, type Reply, type Stage } from './outcome.ts';

export const mailServerReading: Reading = {
  judge: judgeMailServer,
  throttles: (stage, answer) => answer.kind === 'reply' && isThrottle(answer.reply, stage),
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

/** Gmail's 4.7.28, Yahoo's TSS04, Outlook's RP-001, and what others write. Too many recipients are another matter. */
const wordsOfThrottling =
  /4\.7\.28\b|\bTSS\d\d|\bRP-00\d|\brate\b|\brate-?limit|\bthrottl|\btoo (?:many|much)\b(?! recipients)/i;
const greylisting = /gr[ae]y-?list/i;

/**
 * The server asks for less mail from us, whoever it is for: 421, 450 or 451 with an enhanced code of 4.7 or words that say so
 * (email.md §7.4). Greylisting has the same codes, mostly at RCPT, and is about one recipient: there only the words count.
 */
export function isThrottle({ code, text }: Reply, stage: Stage): boolean {
  if (code !== 421 && code !== 450 && code !== 451) return false;
  if (greylisting.test(text) || /^4\.5\.3\b/.test(text)) return false;
  if (wordsOfThrottling.test(text)) return true;
  return /^4\.7\.\d/.test(text) && (code === 421 || stage === 'connect' || stage === 'mail');
}
