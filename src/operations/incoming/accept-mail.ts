import { z } from 'zod';
import type { CheckedMail, Recipient, RecipientResult } from '../../domain/incoming.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isMereNo } from '../../policy/mere-no.ts';
import { resumeIfSuspended } from '../bounces/resume-address.ts';
import { takeComplaintMail } from '../bounces/take-feedback.ts';
import { leaveByAddress, runAddressCommand, runCommandMail } from '../commands/run-commands.ts';
import { answerAtMod } from '../moderation/answer-at-mod.ts';
import type { Context, Operation } from '../operation.ts';
import { type MailText, readText } from '../posting/gather-facts.ts';
import { holdInstead, type JudgedPost, judgePost, settlePost } from '../posting/post.ts';
import { explain } from '../posting/refuse-post.ts';
import { answerAtConfirm } from '../requests/answer-at-confirm.ts';
import { forwardToOperators, forwardToOwners } from './forward.ts';
import { forwardToAuthor } from './forward-to-author.ts';
import { recordBounce } from './record-bounce.ts';
import { askForProof, askForProofAmong, turnAway, turnAwayFromPeople } from './turn-away.ts';

/**
 * Everything that arrives by SMTP or LMTP, in one transaction for all recipients: each mailbox goes to its verb. The results are in
 * the order of the recipients; nothing of a mail is stored when the transaction fails.
 */
export const acceptMail: Operation<CheckedMail, readonly RecipientResult[]> = {
  name: 'accept-mail',
  kind: 'command',
  summary: 'Takes one mail from a door and gives it to what its recipients mean.',
  input: z.custom<CheckedMail>(),
  authorise: () => {},
  run: acceptForAll,
  audit: () => undefined,
};

async function acceptForAll(context: Context, mail: CheckedMail): Promise<readonly RecipientResult[]> {
  const oneReply = mail.peer.protocol === 'smtp';
  const wait = oneReply && (await askForProofAmong(context, mail));
  if (wait) return mail.recipients.map(() => wait);
  // All before anything is done: what the other mailboxes do must not change who may post. By list, which several names may mean.
  const judged = new Map<number, JudgedPost>();
  const posted = new Map<number, RecipientResult>();
  let text: MailText | undefined;
  for (const { mailbox } of mail.recipients) {
    if (mailbox.kind !== 'post' || judged.has(mailbox.list.id)) continue;
    text ??= readText(mail.raw);
    const post = await judgePost(context, { mail, text, ref: mailbox.list });
    if ('decision' in post) judged.set(mailbox.list.id, post);
    else posted.set(mailbox.list.id, withoutBounce(mail, post));
  }
  const others = new Map<string, RecipientResult>();
  for (const recipient of mail.recipients) {
    const meaning = meaningOf(recipient);
    if (recipient.mailbox.kind !== 'post' && !others.has(meaning))
      others.set(meaning, withoutBounce(mail, await accept(context, mail, recipient)));
  }
  const shared = oneReply && takesAny([...judged.values()], [...others.values()]);
  for (const [listId, post] of judged)
    posted.set(listId, withoutBounce(mail, await settleAmong(context, mail, { post, shared })));
  const results = mail.recipients.map((recipient) => resultFor(recipient, posted, others));
  if (oneReply) refuseIfOneHasToWait(results);
  // Whoever writes from there reads there (email.md §6.4).
  if (context.actor.kind === 'verified') await resumeIfSuspended(context, context.actor.email);
  return results;
}

/** A list answers to old names and to several spellings of each address: written to twice, it does a thing once. */
function meaningOf({ mailbox }: Recipient): string {
  return JSON.stringify('list' in mailbox ? { ...mailbox, list: mailbox.list.id } : mailbox);
}

function resultFor(
  recipient: Recipient,
  posted: ReadonlyMap<number, RecipientResult>,
  others: ReadonlyMap<string, RecipientResult>,
): RecipientResult {
  const { address, mailbox } = recipient;
  const result = mailbox.kind === 'post' ? posted.get(mailbox.list.id) : others.get(meaningOf(recipient));
  if (!result) throw new Error(`nothing was done for ${address}`);
  return result;
}

/**
 * A yes over SMTP is a yes for all: the client would never come back for those who only asked it to wait. So nothing of the mail is
 * kept, and all of it comes again.
 */
function refuseIfOneHasToWait(results: readonly RecipientResult[]): void {
  const waits = results.find((result) => result.kind === 'refused' && result.code < 500);
  if (waits?.kind === 'refused' && results.some(({ kind }) => kind !== 'refused')) {
    throw new Refusal('busy', waits.why);
  }
}

/** Behind a front MTA our refusal would become its bounce, to a sender who may be forged. */
function withoutBounce({ peer }: CheckedMail, result: RecipientResult): RecipientResult {
  const bounces = peer.trusted && result.kind === 'refused' && result.code >= 500;
  return bounces ? { kind: 'dropped', note: `refused: ${result.why}` } : result;
}

/**
 * SMTP has one reply for all recipients: once one takes the mail, it is yes, so lists that would say no or "later" hold it instead
 * (email.md §1.3). Otherwise it would be lost to them without a word, which is right only for forgeries and banned senders. Over its rates all of
 * it comes again.
 */
async function settleAmong(
  context: Context,
  mail: CheckedMail,
  { post, shared }: { readonly post: JudgedPost; readonly shared: boolean },
): Promise<RecipientResult> {
  if (!shared || !isNo(post)) return settlePost(context, mail, post);
  const { verdict, reasons } = post.decision;
  return verdict === 'reject' && isMereNo(post.facts)
    ? { kind: 'dropped', note: `refused: ${explain(reasons)}` }
    : settlePost(context, mail, await holdInstead(context, post));
}

function takesAny(posts: readonly JudgedPost[], others: readonly RecipientResult[]): boolean {
  const taken = others.some(({ kind }) => kind !== 'refused' && kind !== 'dropped');
  return taken || posts.some((post) => !isNo(post));
}

function isNo({ decision }: JudgedPost): boolean {
  return decision.verdict === 'reject' || decision.verdict === 'defer';
}

async function accept(
  context: Context,
  mail: CheckedMail,
  { address, mailbox }: Recipient,
): Promise<RecipientResult> {
  switch (mailbox.kind) {
    case 'post':
      throw new Error('posts are judged before the rest');
    case 'leave':
      if (mailbox.token !== undefined) return leaveByAddress(context, mailbox.token);
      return turnAway(mail) ?? runAddressCommand(context, mail, mailbox);
    case 'join':
    case 'mode':
      return turnAway(mail) ?? runAddressCommand(context, mail, mailbox);
    case 'request':
      return turnAway(mail) ?? runCommandMail(context, mail, { list: mailbox.list });
    case 'commands':
      return turnAway(mail) ?? runCommandMail(context, mail, { domain: mailbox.domain });
    case 'confirm':
      return answerAtConfirm(context, mail, mailbox);
    case 'owner':
      return mail.envelopeSender === '' && mail.facts.report
        ? recordBounce(context, mail, mailbox.list, undefined)
        : (turnAwayFromPeople(mail) ??
            (await askForProof(context, mail)) ??
            forwardToOwners(context, mail, mailbox.list));
    case 'operators':
      return (
        (await takeComplaintMail(context, mail)) ??
        forwardToOperators(context, mail, `${mailbox.local}@${mailbox.domain}`)
      );
    case 'bounces':
      return recordBounce(context, mail, mailbox.list, mailbox.token);
    case 'mailer-daemon':
      return mail.envelopeSender === ''
        ? recordBounce(context, mail, undefined, undefined)
        : refuse('Only delivery reports are read here.');
    case 'noreply':
      return mail.envelopeSender === ''
        ? { kind: 'dropped', note: 'automatic mail to noreply' }
        : refuse(`Nobody reads ${address}; write to the -owner address of the list.`);
    case 'moderate':
      return answerAtMod(context, mail, mailbox);
    case 'author-alias':
      return forwardToAuthor(context, mail, mailbox);
  }
}

function refuse(why: string): RecipientResult {
  return { kind: 'refused', code: 550, enhanced: '5.7.1', why };
}
