import {
  aboutSender,
  blocklist,
  explicitlyNoUser,
  hedged,
  isAsleep,
  isFull,
  isPolicy,
  noMailHere,
  noSuchUser,
  notOurs,
  strictPolicy,
  tookTooLong,
} from './failure-words.ts';

/**
 * Why a mail could not be delivered, as far as it matters to the one it was for (email.md §6.3): a table, asked about what a server said
 * in the SMTP dialogue and about what a report says later. Pure.
 */
const failureClasses = ['gone', 'full', 'temp-expired', 'policy', 'relay', 'unknown'] as const;

/**
 * `gone`: no such mailbox or domain. `full`: it exists and takes nothing now. `temp-expired`: tried until it was too late. `policy`: the
 * message or the sending server was refused, whoever it was for. `relay`: a server between us and the recipient does not take our mail.
 */
export type FailureClass = (typeof failureClasses)[number];

export interface Failure {
  /** An enhanced code (RFC 3463) that somebody named; the text may hold a better one. */
  readonly status?: string | undefined;
  /** The reply code of the SMTP dialogue; null where there was none. */
  readonly code?: number | null | undefined;
  /** What was said, in any language, at most a few kilobytes. */
  readonly text: string;
  /**
   * Which command it answered. A server that knows its users says so at RCPT; one that calls them unknown only when it has seen the
   * text has filters that do not want to be known.
   */
  readonly stage?: 'rcpt' | 'data' | undefined;
}

/** The enhanced code first, then the words, then the basic code. */
export function classifyFailure(failure: Failure): FailureClass {
  const words = failure.text.slice(0, longestText);
  const enhanced = mostTelling(enhancedCode(words), failure.status);
  const basic = failure.code ?? basicCode(words);
  if (basic !== undefined && loginCodes.has(basic)) return 'relay';
  const told = { ...failure, enhanced, words };
  return byEnhancedCode(told) ?? byWords(told) ?? byBasicCode(basic, enhanced) ?? 'unknown';
}

/** Hundredths of a point that it adds to the score of an address (email.md §6.3). */
export const pointsOf: Readonly<Record<FailureClass, number>> = {
  gone: 100,
  full: 25,
  'temp-expired': 25,
  policy: 0,
  relay: 0,
  unknown: 25,
};

/** Whether the mailbox may well take mail again by itself: nobody has to press a button then (email.md §6.4). */
export function mayRecover(failure: FailureClass): boolean {
  return failure !== 'gone';
}

/** The first enhanced code in a text that says something: `5.0.0` stands in many a report above the true one. */
export function enhancedCode(text: string): string | undefined {
  let vague: string | undefined;
  for (const [, found] of text.slice(0, longestText).matchAll(codePattern)) {
    if (found !== undefined && !isVague(found)) return found;
    vague ??= found;
  }
  return vague;
}

/** Of two codes for one failure the one that says more; the first where both do. */
export function mostTelling(first: string | undefined, second: string | undefined): string | undefined {
  return [first, second].find((code) => code !== undefined && !isVague(code)) ?? first ?? second;
}

/** `5.0.0`, `5.1.0` and the like: a subject without a detail (RFC 3463 §3.1). */
function isVague(status: string): boolean {
  return /^\d\.(?:[0-4]\.0|5\.\d+|0\.\d+|9\.\d+)$/.test(status);
}

const longestText = 4_096;
/** Not a part of an IP address or a version, nor of a longer number. */
const codePattern = /(?<![\d.])([245]\.[0-9]\.\d{1,3})(?![\d.]*\d)/g;
const basicPattern = /(?<![\d.#-])([245][0-5]\d)(?=[ \-:]|$)/;

function basicCode(text: string): number | undefined {
  const found = basicPattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** RFC 4954 §6: authentication is required, too weak, wrong, or wants encryption. */
const loginCodes: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** Subject and detail, without the class digit: who says 4 and gave up means the same as who says 5. */
const byDetail: ReadonlyMap<string, FailureClass> = new Map<string, FailureClass>([
  ['1.1', 'gone'],
  ['1.2', 'gone'],
  ['1.3', 'gone'],
  ['1.6', 'gone'],
  ['1.10', 'gone'], // RFC 7505: null MX
  ['1.7', 'policy'], // the sender's address
  ['1.8', 'policy'],
  ['2.2', 'full'],
  ['2.3', 'policy'], // too long for this recipient
  ['3.1', 'temp-expired'], // their disk is full
  ['3.2', 'temp-expired'],
  ['3.4', 'policy'], // too large
  ['4.2', 'temp-expired'],
  ['4.3', 'temp-expired'],
  ['4.5', 'temp-expired'],
  ['4.7', 'temp-expired'],
  ['4.310', 'gone'], // Exchange Online: the domain is not in DNS
]);

/** Undefined where the code leaves it open, so that the words decide. */
function byEnhancedCode(told: Told): FailureClass | undefined {
  const { enhanced, words } = told;
  if (enhanced === undefined) return undefined;
  const permanent = enhanced.startsWith('5');
  const detail = enhanced.slice(2);
  if (permanent && isNoMailHere(words)) return 'gone';
  // Disabled, and perhaps opened again; but some mean that there is none.
  if (detail === '2.1') return permanent && noSuchUser.test(words) && isSureOfUser(told) ? 'gone' : 'full';
  // Exchange Online answers for addresses that it does not know with 5.4.1.
  if (detail === '4.1') return /\baccess denied\b/i.test(words) ? 'gone' : 'temp-expired';
  if (detail === '4.4') return permanent ? 'gone' : 'temp-expired';
  if (detail.startsWith('7.')) return notOurs.test(words) ? 'relay' : 'policy';
  // RFC 6531 §3.5: a server on the way knows no addresses beyond ASCII.
  if (detail === '6.7') return 'relay';
  if (detail.startsWith('6.')) return 'policy';
  const known = byDetail.get(detail);
  if (known !== 'gone') return known;
  if (blocklist.test(words) || aboutSender.test(words)) return 'policy';
  // There is such a mailbox, whatever the code says.
  if ((isFull.test(words) || isAsleep.test(words)) && !noSuchUser.test(words)) return 'full';
  // Said for days, it is true even where it came with a 4.
  return permanent || noSuchUser.test(words) ? 'gone' : 'temp-expired';
}

function byBasicCode(code: number | undefined, enhanced: string | undefined): FailureClass | undefined {
  if (enhanced?.startsWith('4')) return 'temp-expired';
  if (code === undefined) return undefined;
  if (code >= 400 && code < 500) return code === 452 ? 'full' : 'temp-expired';
  if (code === 552) return 'full';
  // RFC 7504: a host, or a domain, that takes no mail at all. 551 and 553: RFC 5321 §4.2.3.
  return [521, 551, 553, 556].includes(code) ? 'gone' : undefined;
}

interface Told extends Failure {
  /** The most telling code of all. */
  readonly enhanced: string | undefined;
  /** The text, cut. */
  readonly words: string;
}

function byWords(told: Told): FailureClass | undefined {
  const { words, enhanced } = told;
  if (isFull.test(words)) return 'full';
  const transient = enhanced?.startsWith('4') === true;
  if (isNoMailHere(words)) return transient ? 'temp-expired' : 'gone';
  const unknownUser = noSuchUser.test(words) && !hedged.test(words);
  if (isPolicy.test(words) && !(unknownUser && !strictPolicy.test(words))) return 'policy';
  if (notOurs.test(words)) return 'relay';
  if (isAsleep.test(words)) return 'full';
  if (unknownUser) return isSureOfUser(told) ? 'gone' : 'unknown';
  return tookTooLong.test(words) ? 'temp-expired' : undefined;
}

/** “Domain not found” may be about the sender’s: our trouble, and not theirs. */
function isNoMailHere(words: string): boolean {
  return noMailHere.test(words) && !aboutSender.test(words);
}

/** In the session itself (`code`) we know what was answered; a report without a telling code must say it. */
function isSureOfUser({ words, enhanced, code, stage }: Told): boolean {
  if (enhanced?.startsWith('5.3')) return false;
  if (explicitlyNoUser.test(words)) return true;
  return stage === undefined ? code !== undefined && code !== null : stage === 'rcpt';
}

/** The sender's domain forbids what we did with its From (RFC 9989): a rewritten one may pass. */
export function mentionsDmarc(said: string): boolean {
  return /\bdmarc\b|\b[45]\.7\.26\b/i.test(said);
}
