import { classifyFailure, enhancedCode, type FailureClass } from '../domain/failure-class.ts';
import type { ReportAction, ReportedRecipient } from './delivery-status.ts';
import { findFields, firstValue, type MailHead } from './headers.ts';
import { gist, stageIn, textAbout } from './notice-text.ts';

/**
 * Delivery reports that are written for people only. Who they are about is known from the address they came to; the addresses that
 * they name are read for copies that several share, and believed as little as the rest of the text.
 */

/** A program speaks, or says so in its subject: what it writes is about a mail of ours. */
export function looksLikeNotice(head: MailHead, subject: string): boolean {
  return saysFailure(head, subject) || reporter.test(firstValue(head, 'from').slice(0, 500));
}

/** Its header leaves no doubt, even where it is marked as an automatic reply, as Exim marks its reports. */
export function saysFailure(head: MailHead, subject: string): boolean {
  return (
    findFields(head, 'x-failed-recipients').length > 0 ||
    /^multipart\/report\b.{0,200}\bdelivery-status\b/i.test(firstValue(head, 'content-type')) ||
    /\bmailer[-_. ]?daemon\b/i.test(firstValue(head, 'from').slice(0, 500)) ||
    failureSubject.test(subject)
  );
}

export interface Notice {
  readonly subject: string;
  /** Without the mail that comes back. */
  readonly text: string;
  /** `looksLikeNotice` said so. */
  readonly certain: boolean;
}

/** What it says of whom, one entry without an address where it names nobody; none when it is no report of a failure. */
export function readNotice(head: MailHead, { subject, text, certain }: Notice): ReportedRecipient[] {
  if (!certain && !opening.test(withoutQuotes(text).slice(0, 1_000))) return [];
  // As if all of it were true: this only asks whether it speaks of a failure at all.
  const means = classifyFailure({ text: `${gist(text)} ${subject}`, stage: 'rcpt' });
  if (means === 'unknown' && !failureSubject.test(subject) && !failureWords.test(text)) return [];
  const action: ReportAction = isDelay(subject, text, means) ? 'delayed' : 'failed';
  const named = failedAddresses(head, text);
  const about = named.length > 0 ? named.map((address) => [address]) : [[]];
  return about.map((addresses) => {
    const passage = textAbout(text, addresses, named);
    const words = gist(passage);
    return { addresses, action, status: enhancedCode(words), said: words, stage: stageIn(passage) };
  });
}

const reporter =
  /mailer[-_. ]?daemon|post[-_. ]?master|mail delivery (?:sub)?system|mail administrator|\bmda?emon@|\bmail[-_]?robot|\bpostoffice@|mail\s*system\b/i;

const failureSubject =
  /undeliver|non[- ]?deliver|not deliver|(?:delivery|mail|message|e-?mail).{0,30}(?:fail|error|problem|unsuccessful|impossible|delay|warning|status notification)|failure notice|fail(?:ed|ure).{0,20}(?:deliver|mail|message)|returned? (?:mail|to sender|message|email)|could(?:n.t| not) be delivered|unable to deliver|rejected (?:mail|message)|mail rejected|unknown (?:user|recipient|address)|unzustellbar|nicht zustellbar|non remis|échec|no se (?:ha podido|pudo) entregar|não entregue|mancata consegna|不能投递|退信|投递失败|(?:配信|メール)(?:不能|エラー)|エラーメール|送信できません|недоставлен|не доставлен/i;

const failureWords =
  /could(?:n.t| not) be (?:delivered|sent)|(?:was|were|is) not delivered|(?:can|could|did|do|was|were)(?:n.t| not|not) (?:able to )?(?:be )?(?:deliver|reach|route|find|accept)|unable to (?:deliver|be delivered)|undeliver|(?:permanent|fatal|transient|delivery) (?:fatal )?(?:error|fail)|returned? (?:to (?:the )?sender|message|your message)|delivery (?:attempt|has fail|to the following)|following (?:address|recipient)|did not reach|failed|konnte nicht|n.a pas pu|no se pudo|não pôde|impossibile|не может быть|无法|無法|失败|未能|できません|^[ \t]{0,20}<[^<>\s]{1,64}@[^<>\s]{1,255}>:[ \t]{0,20}$/im;

/** What a report begins with and a person does not. */
const opening =
  /could not be delivered to\b|(?:your|a|the) (?:e-?)?(?:mail|message).{0,80}(?:could|can)(?: ?not|n.t) be delivered|was not delivered to\b|undeliverable to\b|unable to deliver (?:your |the )?(?:mail|message)|delivery (?:has )?failed|did not reach the following recipient/i;

/** A warning that it is still being tried: nothing has failed. */
function isDelay(subject: string, text: string, means: FailureClass): boolean {
  if (delayWords.test(text)) return true;
  const warns = /\b(?:delay(?:ed)?|warning|still (?:being )?(?:retried|trying))\b/i.test(subject);
  return warns && means !== 'gone' && !/could not be delivered|permanent/i.test(text.slice(0, 500));
}

function withoutQuotes(text: string): string {
  return text.replace(/^[ \t]{0,3}>.*$/gm, '');
}

const delayWords =
  /warning message only|this is (?:a|only a) warning|you do not need to (?:resend|re-?send)|will (?:be retried|keep trying|continue to (?:try|be (?:tried|attempted)))|still (?:be retried|trying|being retried)|has not yet been delivered|delivery attempts will continue|will be (?:attempted|retried|tried) (?:again )?(?:for|until)|no action is required on your part|delayed for more than/i;

const maxNamed = 50;
const addressPattern = /[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}/g;

/** Those in its own field, else those in its text that are not the report's own. */
function failedAddresses(head: MailHead, text: string): string[] {
  const field = findFields(head, 'x-failed-recipients').flatMap(({ value }) => addressesIn(value));
  if (field.length > 0) return [...new Set(field)].slice(0, maxNamed);
  const own = new Set(
    ['from', 'to', 'cc', 'reply-to', 'return-path', 'sender'].flatMap((name) =>
      addressesIn(firstValue(head, name)),
    ),
  );
  const foreign = (part: string) =>
    addressesIn(part).filter((address) => !own.has(address) && !role.test(address));
  const named = foreign(text.replace(mailFieldLine, ''));
  return [...new Set(named.length > 0 ? named : foreign(text))].slice(0, maxNamed);
}

/** The fields of the mail that it is about, told to people. */
const mailFieldLine = /^[ \t]{0,20}(?:to|cc|from|reply-to|sender|subject|message-id|sent|date):.*$/gim;

const role = /^(?:post-?master|mailer[-_]?daemon|abuse|webmaster|hostmaster|support|help(?:desk)?|info)@/;

function addressesIn(text: string): string[] {
  return [...text.slice(0, 16_384).matchAll(addressPattern)].map(([address]) =>
    address
      .toLowerCase()
      .replace(/^.*\bsmtp[=:]/, '')
      .replace(/^[.'"=]+|[.'"]+$/g, ''),
  );
}
