import { z } from 'zod';
import type { IncomingMail, Recipient, RecipientResult } from '../domain/incoming.ts';
import { answerAtConfirm } from './answer-at-confirm.ts';
import { forwardToOperators, forwardToOwners } from './forward.ts';
import type { Context, Operation } from './operation.ts';
import { type JudgedPost, judgePost, settlePost } from './post.ts';
import { recordBounce } from './record-bounce.ts';
import { runAddressCommand, runCommandMail } from './run-commands.ts';

/**
 * Everything that arrives by SMTP or LMTP, in one transaction for all recipients: each mailbox goes to its verb. The results are in
 * the order of the recipients; nothing of a mail is stored when the transaction fails.
 */
export const acceptMail: Operation<IncomingMail, readonly RecipientResult[]> = {
  name: 'accept-mail',
  kind: 'command',
  summary: 'Takes one mail from a door and gives it to what its recipients mean.',
  input: z.custom<IncomingMail>(),
  authorise: () => {},
  run: acceptForAll,
  audit: () => undefined,
};

async function acceptForAll(context: Context, mail: IncomingMail): Promise<readonly RecipientResult[]> {
  const judged = new Map<Recipient, JudgedPost>();
  for (const recipient of mail.recipients) {
    if (recipient.mailbox.kind === 'post')
      judged.set(recipient, await judgePost(context, mail, recipient.mailbox.list));
  }
  const shared = mail.peer.protocol === 'smtp' && takesAny([...judged.values()]);
  const results: RecipientResult[] = [];
  for (const recipient of mail.recipients) {
    const post = judged.get(recipient);
    results.push(
      post
        ? await settlePost(context, mail, shared ? holdInstead(post) : post)
        : withoutBounce(mail, await accept(context, mail, recipient)),
    );
  }
  return results;
}

/** Behind a front MTA our refusal would become its bounce, to a sender who may be forged. */
function withoutBounce({ peer }: IncomingMail, result: RecipientResult): RecipientResult {
  const bounces = peer.trusted && result.kind === 'refused' && result.code >= 500;
  return bounces ? { kind: 'dropped', note: `refused: ${result.why}` } : result;
}

/** SMTP has one reply for all lists: once one takes the post, those that would reject it hold it instead (email.md §1.3). */
function holdInstead(post: JudgedPost): JudgedPost {
  return post.decision.verdict === 'reject'
    ? { ...post, decision: { ...post.decision, verdict: 'hold' } }
    : post;
}

function takesAny(posts: readonly JudgedPost[]): boolean {
  return posts.some(({ decision }) => decision.verdict === 'accept' || decision.verdict === 'hold');
}

function accept(
  context: Context,
  mail: IncomingMail,
  { address, mailbox }: Recipient,
): Promise<RecipientResult> | RecipientResult {
  switch (mailbox.kind) {
    case 'post':
      throw new Error('posts are judged before the rest');
    case 'join':
    case 'leave':
    case 'mode':
      return runAddressCommand(context, mail, mailbox);
    case 'request':
      return runCommandMail(context, mail, { list: mailbox.list });
    case 'commands':
      return runCommandMail(context, mail, { domain: mailbox.domain });
    case 'confirm':
      return answerAtConfirm(context, mail, mailbox);
    case 'owner':
      return mail.envelopeSender === '' && mail.facts.report
        ? recordBounce(context, mail, mailbox.list, undefined)
        : forwardToOwners(context, mail, mailbox.list);
    case 'operators':
      return forwardToOperators(context, mail, `${mailbox.local}@${mailbox.domain}`);
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
    case 'author-alias':
      return refuse('This address is not in use.');
  }
}

function refuse(why: string): RecipientResult {
  return { kind: 'refused', code: 550, enhanced: '5.7.1', why };
}
