import { type Actor, describeActor } from '../../domain/actor.ts';
import type { Address } from '../../domain/address.ts';
import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { Mailbox } from '../../domain/mailbox.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type ModerationReply, readModeration } from '../../mail/moderation-words.ts';
import { ownText } from '../../mail/own-text.ts';
import { readableText } from '../../mail/readable-text.ts';
import { findHeld, type Held } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import { answerHolder, noteWith } from '../answering.ts';
import { addressInput } from '../inputs.ts';
import type { Context } from '../operation.ts';
import { oneLine } from './describe-held.ts';
import { type Moderated, moderate, moderationToken } from './moderate.ts';
import { moderatorBehind } from './moderators.ts';

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
  const as = await moderatorBehind(context, token.stored);
  const outcomes = [
    ...(await carryOutAll(context, { mailbox, heldIds, decisions: said.decisions, as })),
    ...(said.misnumbered ?? []).map((line) => misnumbered(line, heldIds.length)),
  ];
  const isAnswered = await report(context, mail, { mailbox, to, outcomes });
  const what = `moderated: ${outcomes.map(({ note }) => note).join(', ')}`;
  return { kind: 'done', note: noteWith(what, isAnswered) };
}

interface Outcome extends Moderated {
  readonly note: string;
  /** Whoever says “all” has decided about this one before. */
  readonly isOwn?: boolean;
}

async function carryOutAll(
  context: Context,
  asked: { mailbox: ModMailbox; heldIds: readonly number[]; decisions: readonly Decision[]; as: Actor },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { item, act, reason } of asked.decisions) {
    const meant = item === undefined ? asked.heldIds : asked.heldIds.slice(item - 1, item);
    for (const heldId of meant) {
      const request = { token: asked.mailbox.token, heldId, act, reason };
      outcomes.push(await attempt(context, { ...request, all: item === undefined, as: asked.as }));
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
  {
    all,
    as,
    ...request
  }: { token: string; heldId: number; act: Decision['act']; reason: string; all: boolean; as: Actor },
): Promise<Outcome> {
  const note = `${request.act} ${request.heldId}`;
  try {
    const holder = { kind: 'holder', of: 'moderation' } as const;
    return { ...(await context.perform(moderate, holder, request)), note };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const held = await findHeld(context.tx, request.heldId);
    return {
      sentence: named(held, refusal.message),
      notable: true,
      note: `${note} (${refusal.code})`,
      isOwn: all && isDecidedBy(held, as),
    };
  }
}

/** Whoever answers a mail knows the post by its subject, and has never seen its number. */
function named(held: Held | undefined, sentence: string): string {
  return held ? `“${oneLine(held.subject, 60)}”: ${sentence}` : sentence;
}

/** Several people may be the operator who acts by mail. */
function isDecidedBy(held: Held | undefined, as: Actor): boolean {
  return as.kind === 'verified' && held?.decidedBy === describeActor(as);
}

/**
 * One post that was done as wanted needs no answer; a bundle, and whatever did not go that way, does. “all” means those that are left: of
 * what they decided themselves before it nobody hears, unless that is all there is to say. True: what there was to say goes out.
 */
async function report(
  context: Context,
  mail: CheckedMail,
  { mailbox, to, outcomes }: { mailbox: ModMailbox; to: Address; outcomes: readonly Outcome[] },
): Promise<boolean> {
  if (outcomes.length === 1 && !outcomes[0]?.notable) return true;
  const list = await loadList(context.tx, mailbox.list.id);
  const news = outcomes.filter(({ isOwn }) => !isOwn);
  const said = news.length > 0 ? news : outcomes;
  return answerHolder(context, mail, {
    text: 'moderated',
    to,
    ...(list && { list }),
    values: { sentences: said.map(({ sentence }) => sentence).join('\n') },
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
  const isAsked = await answerHolder(context, mail, {
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
  return { kind: 'done', note: isAsked ? 'asked again' : `${said}, not answered` };
}
