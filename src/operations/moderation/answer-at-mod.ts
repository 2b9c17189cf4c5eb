import type { Address } from '../../domain/address.ts';
import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { Mailbox } from '../../domain/mailbox.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type ModerationReply, readModeration } from '../../mail/moderation-words.ts';
import { ownText } from '../../mail/own-text.ts';
import { readableText } from '../../mail/readable-text.ts';
import { findHeld } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import { answerHolder } from '../answering.ts';
import { addressInput } from '../inputs.ts';
import type { Context } from '../operation.ts';
import { oneLine } from './describe-held.ts';
import { type Moderated, moderate, moderationToken } from './moderate.ts';

type ModMailbox = Extract<Mailbox, { kind: 'moderate' }>;
type Decision = Extract<ModerationReply, { kind: 'decided' }>['decisions'][number];

/**
 * A moderator's reply to a mail about posts that wait, at `birds-mod+TOKEN@`. It decides by a word, never by being there: an empty reply
 * gets one helping answer, and an out-of-office reply gets none and decides nothing (email.md §4.6).
 */
export async function answerAtMod(
  context: Context,
  mail: CheckedMail,
  mailbox: ModMailbox,
): Promise<RecipientResult> {
  // A role account may moderate, so whom we would answer (src/mail/automatic.ts) is too narrow a question here.
  if (mail.envelopeSender === '' || mail.facts.unanswerable || mail.facts.vacation || mail.facts.report) {
    return { kind: 'dropped', note: 'automatic mail decides nothing' };
  }
  const token = await moderationToken(context, mailbox.token);
  if (!token || token.stored.listId !== mailbox.list.id) {
    return {
      kind: 'refused',
      code: 550,
      enhanced: '5.1.1',
      why: 'This address to moderate is not one of ours',
    };
  }
  const { heldIds } = token;
  const to = addressInput.parse(token.stored.email);
  const said = readModeration(mail.facts.subject, ownText(readableText(mail.raw)), heldIds.length);
  if (said.kind !== 'decided')
    return askAgain(context, mail, { mailbox, to, said: said.kind, count: heldIds.length });
  const outcomes = [
    ...(await carryOutAll(context, { mailbox, heldIds, decisions: said.decisions })),
    ...(said.misnumbered ?? []).map((line) => misnumbered(line, heldIds.length)),
  ];
  await report(context, mail, { mailbox, to, outcomes });
  return { kind: 'done', note: `moderated: ${outcomes.map(({ note }) => note).join(', ')}` };
}

interface Outcome extends Moderated {
  readonly note: string;
}

async function carryOutAll(
  context: Context,
  asked: { mailbox: ModMailbox; heldIds: readonly number[]; decisions: readonly Decision[] },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { item, act, reason } of asked.decisions) {
    const meant = item === undefined ? asked.heldIds : asked.heldIds.slice(item - 1, item);
    for (const heldId of meant) {
      outcomes.push(await attempt(context, { token: asked.mailbox.token, heldId, act, reason }));
    }
  }
  return outcomes;
}

function misnumbered(line: string, count: number): Outcome {
  return {
    sentence: `“${line}”: nothing was done, because the mail that you answered has the numbers 1 to ${count}.`,
    notable: true,
    note: 'no such number',
  };
}

/** A refusal is an answer: the others are carried out all the same. It is thrown before anything of the decision is written. */
async function attempt(
  context: Context,
  request: { token: string; heldId: number; act: Decision['act']; reason: string },
): Promise<Outcome> {
  const note = `${request.act} ${request.heldId}`;
  try {
    const holder = { kind: 'holder', of: 'moderation' } as const;
    return { ...(await context.perform(moderate, holder, request)), note };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return {
      sentence: await named(context, request.heldId, refusal.message),
      notable: true,
      note: `${note} (${refusal.code})`,
    };
  }
}

/** Whoever answers a mail knows the post by its subject, and has never seen its number. */
async function named({ tx }: Context, heldId: number, sentence: string): Promise<string> {
  const held = await findHeld(tx, heldId);
  return held ? `“${oneLine(held.subject, 60)}”: ${sentence}` : sentence;
}

/** One post that was done as wanted needs no answer; a bundle, and whatever did not go that way, does. */
async function report(
  context: Context,
  mail: CheckedMail,
  { mailbox, to, outcomes }: { mailbox: ModMailbox; to: Address; outcomes: readonly Outcome[] },
): Promise<void> {
  if (outcomes.length === 1 && !outcomes[0]?.notable) return;
  const list = await loadList(context.tx, mailbox.list.id);
  await answerHolder(context, mail, {
    text: 'moderated',
    to,
    ...(list && { list }),
    values: { sentences: outcomes.map(({ sentence }) => sentence).join('\n') },
    about: mail.facts.messageId,
    officer: true,
  });
}

async function askAgain(
  context: Context,
  mail: CheckedMail,
  {
    mailbox,
    to,
    said,
    count,
  }: { mailbox: ModMailbox; to: Address; said: 'empty' | 'unclear'; count: number },
): Promise<RecipientResult> {
  const list = await loadList(context.tx, mailbox.list.id);
  await answerHolder(context, mail, {
    text: 'decide-again',
    to,
    ...(list && { list }),
    values: {
      problem: said === 'empty' ? 'empty' : 'unclear',
      words: count === 1 ? 'one' : 'several',
      link: `${context.site.baseUrl}/c/${mailbox.token}`,
    },
    replyTo: { suffix: 'mod', token: mailbox.token },
    about: mailbox.token,
  });
  return { kind: 'done', note: 'asked again' };
}
