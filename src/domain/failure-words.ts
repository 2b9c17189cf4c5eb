/**
 * What mail servers say when they refuse mail, in the words that they share: patterns for src/domain/failure-class.ts. Each is linear in its
 * text, which is at most a few kilobytes.
 */

/** What servers say when there is no such mailbox. */
export const noSuchUser = new RegExp(
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
export const explicitlyNoUser =
  /(?:doesn.t|does not) have an? \S{1,60} account|address could(?:n.t| not) be found\.|mailbox not found|no mailbox here by that name|recipient name is not recognized|account (?:that you tried to reach )?(?:does not exist|has been (?:deleted|closed|terminated))(?=.{0,200}(?:5\.1\.1|typo))/i;

/** A text that is sent whatever happened. */
export const hedged =
  /may not exist|might not exist|peut que|可能|or is unable to receive mail|quizás|möglicherweise/i;

/** The domain does not exist, or takes no mail at all (RFC 7505, RFC 7504). */
export const noMailHere = new RegExp(
  [
    '(?:no|not a) (?:such|valid|known) (?:domain|host)|no (?:valid )?mx (?:record|host)s?|domain has no mail exchangers|null mx',
    '(?:host|domain) does not accept (?:mail|e-?mail)(?! from)|(?:host|domain) (?:is )?not accepting mail(?! from)',
    'can(?:not|.t| not) find (?:any )?(?:host|domain)|couldn.t find any host',
    '(?:host|domain)(?: or domain)?(?: name)? (?:not found|unknown|does not exist|non-?existent)(?!.{0,200}try again)',
    'unknown (?:host|domain)|unrouteable (?:address|mail domain)|name or service not known|nxdomain',
  ].join('|'),
  'i',
);

export const isFull = new RegExp(
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
export const isAsleep =
  /\b(?:account|mailbox|user|recipient|address)(?: \S{1,100})?(?: account)?(?: is| has been| was)?(?: currently| temporarily)? (?:disabled|suspended|inactive|locked|frozen|deactivated|blocked|on hold|not active|not enabled|dormant)\b|\b(?:disabled|suspended|inactive|deactivated|dormant) (?:account|mailbox|user|recipient|address)\b/i;

export const blocklist =
  /black ?-?list|block ?-?list|deny ?list|\b(?:rbl|dnsbl|spamhaus|spamcop|sorbs|barracudacentral|invaluement|spfbl)\b/i;

/** The message or its sending server. A policy must never count against a member (email.md §0 rule 7). */
export const isPolicy = new RegExp(
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

export const strictPolicy = /spam|black ?-?list|block|dmarc|dkim|\bspf\b|reputation|\bpolicy\b|sender/i;

export const notOurs =
  /relay(?:ing)?(?: access)? (?:is )?(?:not (?:permitted|allowed)|denied|prohibited|refused|rejected)|(?:not (?:permitted|allowed|authori[sz]ed)|unable|denied|refus\w+|prohibit\w*) to relay|we do not relay|relay not permitted|relaying (?:mail|to|from|denied)|authentication (?:is )?required|must (?:be )?(?:authenticate|log ?in)/i;

export const tookTooLong =
  /time(?:d)? ?-?out|expired|retry time(?:out)? not reached|too long|too old|queue lifetime|delivery time|unable to deliver.{0,30}(?:days?|hours?|minutes?)|connection (?:refused|reset|dropped|lost|failed|died|was)|network (?:is )?unreachable|no route|(?:could|can|did) ?no?t connect|not responding|no answer|no response|did not respond|unreachable|temporar|try again|(?:service|server|system|host) (?:is )?(?:not |un)available|loop|too many hops|hop count|i\/o error|internal (?:server )?error|system error|configuration error|local error|resources|overload|\bbusy\b|deferred/i;

/** It is the sender that they do not like, or the server that speaks for it. */
export const aboutSender =
  /sender (?:address|domain|verif|rejected|denied|unknown|not)|sender.s (?:address|domain)|domain of sender|invalid sender|client host|\b(?:helo|ehlo)\b|your (?:host|domain|server|ip)\b/i;
