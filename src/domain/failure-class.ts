/**
 * Why a mail could not be delivered, as far as it matters to the one it was for (email.md §6.3): a table, asked about what a server said
 * in the SMTP dialogue and about what a report says later. Pure.
 */
export const failureClasses = ['gone', 'full', 'temp-expired', 'policy', 'relay', 'unknown'] as const;

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
export function isVague(status: string): boolean {
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
  if (noMailHere.test(words) && permanent) return 'gone';
  // Disabled, and perhaps opened again; but some mean that there is none.
  if (detail === '2.1') return permanent && noSuchUser.test(words) && isSureOfUser(told) ? 'gone' : 'full';
  // Exchange Online answers for addresses that it does not know with 5.4.1.
  if (detail === '4.1') return /\baccess denied\b/i.test(words) ? 'gone' : 'temp-expired';
  if (detail === '4.4') return permanent ? 'gone' : 'temp-expired';
  if (detail.startsWith('7.')) return notOurs.test(words) ? 'relay' : 'policy';
  if (detail.startsWith('6.')) return 'policy';
  const known = byDetail.get(detail);
  if (known !== 'gone') return known;
  if (blocklist.test(words)) return 'policy';
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
  if (noMailHere.test(words)) return transient ? 'temp-expired' : 'gone';
  const unknownUser = noSuchUser.test(words) && !hedged.test(words);
  if (isPolicy.test(words) && !(unknownUser && !strictPolicy.test(words))) return 'policy';
  if (notOurs.test(words)) return 'relay';
  if (isAsleep.test(words)) return 'full';
  if (unknownUser) return isSureOfUser(told) ? 'gone' : 'unknown';
  return tookTooLong.test(words) ? 'temp-expired' : undefined;
}

/** In the session itself (`code`) we know what was answered; a report without a telling code must say it. */
function isSureOfUser({ words, enhanced, code, stage }: Told): boolean {
  if (enhanced?.startsWith('5.3')) return false;
  if (explicitlyNoUser.test(words)) return true;
  return stage === undefined ? code !== undefined && code !== null : stage === 'rcpt';
}

/** What servers say when there is no such mailbox. */
const noSuchUser = new RegExp(
  [
    'unknown (?:user|recipient|address|local[- ]?part|or illegal alias|mailbox|account)',
    '(?:user|recipient|address|mailbox|account|addressee|local part|alias|member)s? (?:name )?(?:is |was |are |account )?(?:unknown|not (?:known|found|exist|listed|registered|recogni[sz]ed)|invalid|non-?existent)',
    '(?:no|not a) (?:such|valid|known|active|local) (?:user|recipient|address|mailbox|account|person|alias|mail ?drop)',
    'no (?:mail ?box|account|user)s? (?:here |there )?(?:by|with|under|of|for|exists?|found|in)\\b',
    '(?:does not|do not|doesn.t|doesnt|don.t|did not|didn.t) (?:exist|have an? .{0,30}(?:account|mailbox))',
    'there is no (?:one|such|user|mailbox|account)|this account is not',
    'invalid (?:recipient|mailbox|address|user|destination|account)',
    '(?:recipient|mailbox|user|address) (?:\\S{1,100} )?(?:has been |was |is )?(?:removed|deleted|terminated|closed)',
    '(?:address|mailbox|account|user) (?:is )?no longer (?:valid|exists?|active|available|in use|here|on|accept)',
    'no longer (?:employed|works|with (?:us|the company))',
    'mailbox (?:not found|unavailable or access denied)',
    'not (?:a|our) (?:customer|user|member)\\b|user not local',
    'can(?:not|.t| not) find (?:your |the |any )?(?:recipient|user|mailbox|address)|address could(?:n.t| not) be found',
    'recipnotfound|no_such_user|RESOLVER\\.ADR\\.(?!Ambig)',
    'bad (?:destination|address|recipient|mailbox)|undeliverable address|address rejected: undeliverable',
    'recipient (?:address )?rejected\\.?(?:$| \\()',
    '(?:mailbox|utilisateur|adresse|destinataire) (?:inconnue?|introuvable)|n.existe pas|no existe|nicht bekannt|unbekannt|existiert nicht|non esiste|não existe|onbekend|okänd',
    '用户不存在|不存在|見つかりません|存在しません|получатель не (?:найден|существует)|не существует',
  ].join('|'),
  'i',
);

/** Nobody says these of an address that only does not want the mail. */
const explicitlyNoUser =
  /(?:doesn.t|does not) have an? \S{1,60} account|address could(?:n.t| not) be found\.|mailbox not found|no mailbox here by that name|recipient name is not recognized|account (?:that you tried to reach )?(?:does not exist|has been (?:deleted|closed|terminated))(?=.{0,200}(?:5\.1\.1|typo))/i;

/** A text that is sent whatever happened. */
const hedged =
  /may not exist|might not exist|peut que|可能|or is unable to receive mail|quizás|möglicherweise/i;

/** The domain does not exist, or takes no mail at all (RFC 7505, RFC 7504). */
const noMailHere = new RegExp(
  [
    '(?:no|not a) (?:such|valid|known) (?:domain|host)|no (?:valid )?mx (?:record|host)s?|domain has no mail exchangers|null mx',
    '(?:host|domain) does not accept (?:mail|e-?mail)(?! from)|(?:host|domain) (?:is )?not accepting mail(?! from)',
    'can(?:not|.t| not) find (?:any )?(?:host|domain)|couldn.t find any host',
    '(?:host|domain)(?: or domain)?(?: name)? (?:not found|unknown|does not exist|non-?existent)(?!.{0,200}try again)',
    'unknown (?:host|domain)|unrouteable (?:address|mail domain)|name or service not known|nxdomain',
  ].join('|'),
  'i',
);

const isFull = new RegExp(
  [
    '(?:mail ?box|mail ?folder|in ?box|mail ?drop|account|user|storage|disk|message store)\\b.{0,60}\\b(?:full|over ?quota|exhausted|overdrawn)\\b',
    '(?:mail ?box|account|user|recipient|storage|disk|quota)\\b.{0,40}\\bexceed(?:s|ed|ing)?\\b.{0,40}\\b(?:quota|storage|space|mailbox|allocat|allow)',
    'quota (?:exceeded|violation|reached|limit|overdrawn)|over ?quota|out of (?:quota|space|storage)|not enough (?:storage|disk )?space|exceeded? (?:the )?(?:storage|quota|disk)',
    'insufficient (?:system |disk |mailbox )?(?:storage|quota|space)|would exceed.{0,40}(?:quota|storage|mailbox)',
    '(?:too many|maximum number of) messages in',
    'bo[iî]te.{0,30}pleine|postfach.{0,20}voll|buz[oó]n.{0,20}lleno|casella.{0,20}piena|caixa.{0,20}cheia|メールボックス.{0,20}(?:容量|いっぱい|一杯)|邮箱.{0,10}满|空间不足',
  ].join('|'),
  'i',
);

/** Closed for now, or by its owner; it may open again. */
const isAsleep =
  /\b(?:account|mailbox|user|recipient|address)(?: \S{1,100})?(?: account)?(?: is| has been| was)?(?: currently| temporarily)? (?:disabled|suspended|inactive|locked|frozen|deactivated|blocked|on hold|not active|not enabled|dormant)\b|\b(?:disabled|suspended|inactive|deactivated|dormant) (?:account|mailbox|user|recipient|address)\b/i;

const blocklist =
  /black ?-?list|block ?-?list|deny ?list|\b(?:rbl|dnsbl|spamhaus|spamcop|sorbs|barracudacentral|invaluement|spfbl)\b/i;

/** The message or its sending server. A policy must never count against a member (email.md §0 rule 7). */
const isPolicy = new RegExp(
  [
    blocklist.source,
    '\\bspam|\\bunsolicited|\\bUBE\\b|\\bUCE\\b|junk mail|bulk mail|\\b(?:barracuda|cloudmark|proofpoint)\\b|listed (?:in|at|by|on)\\b',
    '\\bdmarc\\b|\\bdkim\\b|\\bspf\\b|sender policy framework|sender[- ]id|not authenticated|unauthenticated|authentication (?:check|result|failed)|fails? authentication',
    '(?:client|host|sender|connection|ip|server|message|mail|e-?mail|domain|content|you)s?(?: \\S{1,100})? (?:is |are |has been |have been |was |were |been )?(?:blocked|banned|blacklisted|denied|refused due|rejected (?:by|due|because|for|as))',
    'block(?:ed|ing) (?:using|by|for|due|mail|because)|refused by (?:the )?(?:policy|filter|content)|administrative(?:ly)? (?:prohibit|reject|den)',
    'reputation|rate limit|throttl|too many (?:connections|messages|recipients|mails|emails|sessions)|limit (?:exceeded|reached) for|sending (?:limit|rate)',
    '\\bpolicy\\b|policies|content (?:filter|reject|restriction|not allowed)|message (?:content )?reject(?:ed)?|prohibited|not (?:permitted|allowed|authori[sz]ed) to send|unacceptable|looks like|contains? (?:a )?(?:url|link|attachment|forbidden|banned|virus)',
    '\\bvirus|malware|infected|trojan|phish|executable|banned (?:file|extension)|attachment.{0,40}(?:not allowed|blocked|removed|rejected|forbidden)',
    'reverse dns|\\bptr\\b|\\brdns\\b|cannot find your (?:reverse )?hostname|cannot resolve your (?:address|ip)|no reverse|\\bhelo\\b|\\behlo\\b|fcrdns|forged',
    'message (?:size|too (?:large|big|long))|(?:size|length) (?:exceed|limit)|exceeds? (?:the )?(?:maximum |fixed |message |size |allowed |global )+(?:size|limit|length)|too (?:large|big)\\b|file too big|exceeded? (?:maximum )?message size|maximum message size',
    'sender (?:address |domain )?(?:rejected|denied|not allowed|verif|refused|unknown|invalid|not accepted)|invalid sender|from address|domain of sender|sender.s (?:address|domain)|verify sender|sender verify',
    'only accepts? mail from|does not accept mail from|not accept(?:ing)? (?:mail|messages|connections) from|must be (?:a member|a subscriber|authenticated)|requires? authentication|authenticationrequired|not on the (?:accept|allow)|moderated|RESOLVER\\.RST|challenge|whitelist|greylist',
    'not RFC ?\\d+ compliant|RFC ?\\d+|malformed|8-?bit|bare (?:lf|cr)|illegal (?:char|header)|missing (?:header|from|date|message-id)|header (?:error|field)',
    'starttls|\\btls\\b|\\bssl\\b|encryption',
  ].join('|'),
  'i',
);

const strictPolicy = /spam|black ?-?list|block|dmarc|dkim|\bspf\b|reputation|\bpolicy\b|sender/i;

const notOurs =
  /relay(?:ing)?(?: access)? (?:is )?(?:not (?:permitted|allowed)|denied|prohibited|refused|rejected)|(?:not (?:permitted|allowed|authori[sz]ed)|unable|denied|refus\w+|prohibit\w*) to relay|we do not relay|relay not permitted|relaying (?:mail|to|from|denied)|authentication (?:is )?required|must (?:be )?(?:authenticate|log ?in)/i;

const tookTooLong =
  /time(?:d)? ?-?out|expired|retry time(?:out)? not reached|too long|too old|queue lifetime|delivery time|unable to deliver.{0,30}(?:days?|hours?|minutes?)|connection (?:refused|reset|dropped|lost|failed|died|was)|network (?:is )?unreachable|no route|(?:could|can|did) ?no?t connect|not responding|no answer|no response|did not respond|unreachable|temporar|try again|(?:service|server|system|host) (?:is )?(?:not |un)available|loop|too many hops|hop count|i\/o error|internal (?:server )?error|system error|configuration error|local error|resources|overload|\bbusy\b|deferred/i;

/** The sender's domain forbids what we did with its From (RFC 9989): a rewritten one may pass. */
export function mentionsDmarc(said: string): boolean {
  return /\bdmarc\b|\b[45]\.7\.26\b/i.test(said);
}
