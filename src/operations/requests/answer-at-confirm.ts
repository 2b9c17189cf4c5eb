import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import type { Mailbox } from '../../domain/mailbox.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { TokenKind } from '../../domain/token.ts';
import { mayBeAnswered } from '../../mail/automatic.ts';
import { readReply } from '../../mail/intents.ts';
import { ownText } from '../../mail/own-text.ts';
import { readableText } from '../../mail/readable-text.ts';
import { loadList } from '../../store/lists.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { answer, answerHolder, noteWith } from '../answering.ts';
import { addressInput } from '../inputs.ts';
import type { Context } from '../operation.ts';
import { lookUpToken } from '../tokens.ts';
import { type Confirmed, cancel, confirm } from './confirm.ts';

/**
 * A reply to one of our questions, at `birds-confirm+TOKEN@`. A person who says yes, or adds nothing, confirms; one who says no
 * calls it off; an out-of-office reply does neither, and nobody hears of it (email.md §3.2).
 */
export async function answerAtConfirm(
  context: Context,
  mail: CheckedMail,
  mailbox: Extract<Mailbox, { kind: 'confirm' }>,
): Promise<RecipientResult> {
  if (!mayBeAnswered(mail.envelopeSender, mail.facts)) {
    return { kind: 'dropped', note: 'an automatic reply confirms nothing' };
  }
  const token = await lookUpToken(context, mailbox.token);
  if (!token)
    return {
      kind: 'refused',
      code: 550,
      enhanced: '5.1.1',
      why: 'This confirmation address is not one of ours',
    };
  const said = meaning(token, readReply(ownText(readableText(mail.raw)), askedAbout(token)));
  if (said === 'unclear') {
    const list = await loadList(context.tx, mailbox.list.id);
    const isAsked = await answerHolder(context, mail, {
      text: 'confirm-again',
      to: addressInput.parse(token.email),
      ...(list ? { list } : {}),
      values: { link: `${context.site.baseUrl}/c/${mailbox.token}` },
      replyTo: { suffix: 'confirm', token: mailbox.token },
      about: mailbox.token,
    });
    return { kind: 'done', note: isAsked ? 'asked again' : 'unclear, not answered' };
  }
  return carryOut(context, mail, { mailbox, token, said });
}

/** “unsubscribe” agrees to leaving and declines to join. */
function askedAbout({ kind }: StoredToken): 'join' | 'leave' | 'other' {
  if (kind === 'leave') return 'leave';
  return kind === 'join' || kind === 'invite' || kind === 'rejoin' ? 'join' : 'other';
}

/**
 * What lets somebody else, or a mail, in, does something to others, or gives all that one has, a list's ownership too, to another address
 * takes a word: an empty reply is what a slip of the thumb sends.
 */
const needsAWord: ReadonlySet<TokenKind> = new Set(['admit', 'release', 'officer', 'address']);

function meaning(token: StoredToken, reply: ReturnType<typeof readReply>): 'yes' | 'no' | 'unclear' {
  if (reply === 'yes' || reply === 'no') return reply;
  // Whatever they write shows that somebody reads there.
  if (token.kind === 'resume') return 'yes';
  return reply === 'empty' && !needsAWord.has(token.kind) ? 'yes' : 'unclear';
}

async function carryOut(
  context: Context,
  mail: CheckedMail,
  asked: { mailbox: Extract<Mailbox, { kind: 'confirm' }>; token: StoredToken; said: 'yes' | 'no' },
): Promise<RecipientResult> {
  const { mailbox, token, said } = asked;
  const list = await loadList(context.tx, mailbox.list.id);
  const verb = said === 'yes' ? confirm : cancel;
  try {
    const holder = { kind: 'holder', of: 'confirmation' } as const;
    const done = await context.perform(verb, holder, { token: mailbox.token });
    const isAnswered = await tellDone(context, mail, { token, said, done, list });
    return { kind: 'done', note: noteWith(said === 'yes' ? 'confirmed' : 'called off', isAnswered) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const isAnswered = await tellOver(context, mail, { list, sentence: refusal.message });
    return { kind: 'done', note: noteWith(refusal.code, isAnswered) };
  }
}

/** False: there was something to say, and nobody hears it. */
async function tellDone(
  context: Context,
  mail: CheckedMail,
  told: { token: StoredToken; said: 'yes' | 'no'; done: Confirmed; list: List | undefined },
): Promise<boolean> {
  const { token, said, done, list } = told;
  if (token.kind === 'release') return answerAuthor(context, mail, token, done.sentence);
  if (done.again) return tellOver(context, mail, { list, sentence: done.sentence });
  if (said === 'yes') return true;
  return answer(context, mail, {
    text: 'cancelled',
    ...(list ? { list } : {}),
    values: { open: done.settled ? 'no' : 'yes' },
  });
}

function tellOver(
  context: Context,
  mail: CheckedMail,
  { list, sentence }: { list: List | undefined; sentence: string },
): Promise<boolean> {
  return answer(context, mail, { text: 'token-over', ...(list ? { list } : {}), values: { sentence } });
}

/**
 * What became of their post. Whoever is asked this has mail that proves nothing, and may still have the answer: it goes where the question
 * went.
 */
async function answerAuthor(
  context: Context,
  mail: CheckedMail,
  { email, listId, id }: StoredToken,
  sentence: string,
): Promise<boolean> {
  const list = listId === null ? undefined : await loadList(context.tx, listId);
  return answerHolder(context, mail, {
    text: 'author-answered',
    to: addressInput.parse(email),
    ...(list && { list }),
    values: { sentence },
    about: `release ${id}`,
  });
}
