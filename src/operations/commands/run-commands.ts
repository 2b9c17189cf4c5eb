import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import type { ListRef, Mailbox } from '../../domain/mailbox.ts';
import { Refusal } from '../../domain/refusal.ts';
import { noLongerThere } from '../../domain/resolve-mailbox.ts';
import { type MailCommand, parseCommands, type ReadCommands } from '../../mail/commands.ts';
import { ownText } from '../../mail/own-text.ts';
import { readableText } from '../../mail/readable-text.ts';
import { findListByName, loadList } from '../../store/lists.ts';
import { answer, authorToAnswer } from '../answering.ts';
import { provesAddress } from '../authorise.ts';
import { leaveByToken } from '../members/leave.ts';
import type { Context } from '../operation.ts';
import { getPosts, indexPosts, searchPosts } from './archive-commands.ts';
import { type CommandDesk, notAnswered, openDesk } from './command-desk.ts';
import { decideByCommand } from './decide-by-command.ts';
import * as member from './member-commands.ts';
import { officerRole, settleWanted, want } from './officer-commands.ts';
import * as question from './question-commands.ts';

type AddressCommand = Extract<Mailbox, { kind: 'join' | 'leave' | 'mode' }>;

/** `birds-leave+TOKEN@`, from whomever it comes: ends the one membership that the token names. */
export async function leaveByAddress(context: Context, token: string): Promise<RecipientResult> {
  const holder = { kind: 'holder', of: 'leave link' } as const;
  try {
    const left = await context.perform(leaveByToken, holder, { token, how: 'mail' });
    return { kind: 'done', note: left.kind };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { kind: 'refused', code: 550, enhanced: '5.1.1', why: refusal.message };
  }
}

/** `birds-join@`, `birds-leave@`, `birds-nomail@`: the address is the command, whatever the mail says (email.md §2.1). */
export async function runAddressCommand(
  context: Context,
  mail: CheckedMail,
  mailbox: AddressCommand,
): Promise<RecipientResult> {
  const desk = await deskFor(context, mail);
  if (!desk) return unanswerable(mail);
  const list = await loadList(context.tx, mailbox.list.id);
  if (!list) return noLongerThere(); // since RCPT
  await telling(desk, async () => {
    switch (mailbox.kind) {
      case 'join':
        return member.join(desk, list, {});
      case 'leave':
        return member.leave(desk, list);
      case 'mode':
        return member.setModeOrJoin(desk, list, mailbox.mode);
    }
  });
  return { kind: 'done', note: noteOf([mailbox.kind], desk) };
}

/** Mail to `birds-request@` or `listserv@`: commands in its subject and text, or one in plain human words. */
export async function runCommandMail(
  context: Context,
  mail: CheckedMail,
  to: { readonly list: ListRef } | { readonly domain: string },
): Promise<RecipientResult> {
  const desk = await deskFor(context, mail);
  if (!desk) return unanswerable(mail);
  const list = 'list' in to ? await loadList(context.tx, to.list.id) : undefined;
  if ('list' in to && !list) return noLongerThere(); // since RCPT
  const scope = list ? { site: false, list } : { site: true };
  const { commands, left } = parseCommands(mail.facts.subject, ownText(readableText(mail.raw)), scope);
  if (commands.length === 0) await desk.reply(list ? 'not-understood' : 'site-not-understood', {}, list);
  const domain = 'domain' in to ? to.domain : '';
  for (const command of commands) await telling(desk, () => run(desk, command, { own: list, domain }));
  await settleWanted(desk);
  if (left.length > 0) await tellLeft(desk, left);
  return {
    kind: 'done',
    note: noteOf(
      commands.map((command) => command.kind),
      desk,
    ),
  };
}

/** Lines named in that answer. */
const mostLeftNamed = 20;

/** What was beyond ten commands, marked as a quote; by its verbs alone where nothing proves whose words we would send back. */
async function tellLeft(desk: CommandDesk, left: ReadCommands['left']): Promise<void> {
  const { context, mail, author, wanted, outcomes } = desk;
  const isProved = provesAddress(context, author);
  const named = left.slice(0, mostLeftNamed).map(({ line, kind }) => `> ${isProved ? line : kind}`);
  const more = left.length - named.length;
  const isTold = await answer(context, mail, {
    text: 'commands-left',
    values: {
      count: left.length,
      commands: [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    },
    about: mail.facts.messageId,
    officer: isProved && wanted.size > 0,
  });
  outcomes.push(`${left.length} left`, ...(isTold ? [] : [notAnswered]));
}

async function run(
  desk: CommandDesk,
  command: MailCommand,
  scope: { readonly own: List | undefined; readonly domain: string },
): Promise<void> {
  switch (command.kind) {
    case 'help':
      return question.help(desk, scope.own);
    case 'lists':
      return question.lists(desk);
    case 'which':
      return question.which(desk);
    case 'confirm':
    case 'cancel':
      return member.confirmToken(desk, command.token, command.kind);
    case 'address':
      return member.moveAddress(desk, command.address);
    case 'leave':
      if (command.list === '*') return member.leaveEverything(desk);
      break;
    case 'approve':
    case 'reject':
    case 'discard':
      return decideByCommand(desk, command);
  }
  const list = scope.own ?? (await findNamedList(desk, command.list, scope.domain));
  if (list) await runOnList(desk, command, list);
}

type ListCommand = Exclude<
  MailCommand,
  { kind: 'help' | 'lists' | 'which' | 'confirm' | 'cancel' | 'address' | 'approve' | 'reject' | 'discard' }
>;

async function runOnList(desk: CommandDesk, command: ListCommand, list: List): Promise<void> {
  switch (command.kind) {
    case 'join':
      return member.join(desk, list, command);
    case 'leave':
      return member.leave(desk, list, command.address);
    case 'set':
      return member.set(desk, list, command.options);
    case 'vacation':
      return member.vacation(desk, list, command.until);
    case 'name':
      return member.rename(desk, list, command.name);
    case 'status':
      return question.status(desk, list);
    case 'who':
      return question.who(desk, list);
    case 'index':
      return indexPosts(desk, list);
    case 'get':
      return getPosts(desk, list, command.what);
    case 'search':
      return searchPosts(desk, list, command.query);
    case 'pending':
      return question.pending(desk, list);
    case 'hold':
    case 'free':
      return want(desk, list, { kind: command.kind });
    case 'remove':
      // Whoever looks after no list means themselves, perhaps at another address.
      if (!(await officerRole(desk, list.id))) return member.leave(desk, list, command.address);
      return want(desk, list, { kind: command.kind, email: command.address });
    case 'invite':
    case 'add':
    case 'moderate':
    case 'unmoderate':
    case 'ban':
    case 'allow':
    case 'forget':
      return want(desk, list, { kind: command.kind, email: command.address });
    case 'lock':
    case 'unlock':
      return want(desk, list, { kind: command.kind, post: command.post });
  }
}

/** At `listserv@` a command names its list. An unlisted one is found too: who knows its name could write to its addresses. */
async function findNamedList(
  desk: CommandDesk,
  text: string | undefined,
  domain: string,
): Promise<List | undefined> {
  const [name = '', named = domain] = (text ?? '').toLowerCase().split('@');
  const list = name === '' ? undefined : await findListByName(desk.context.tx, { name, domain: named });
  if (!list) await desk.reply('no-such-list', { name: (text ?? '').slice(0, 60) });
  return list;
}

async function deskFor(context: Context, mail: CheckedMail): Promise<CommandDesk | undefined> {
  const author = await authorToAnswer(context, mail);
  return author && openDesk(context, mail, author);
}

/** A program wrote it, or nobody who can be read: doing what it says would only make more mail. */
function unanswerable(mail: CheckedMail): RecipientResult {
  return mail.facts.author || mail.envelopeSender === ''
    ? { kind: 'dropped', note: 'automatic mail gives no commands' }
    : {
        kind: 'refused',
        code: 550,
        enhanced: '5.1.7',
        why: 'The From field must be one plain address to act for',
      };
}

/** A refusal is an answer, too. */
async function telling(desk: CommandDesk, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    await desk.reply('refused', { sentence: refusal.message });
  }
}

/** For the log: what was asked, and what came of it. Whoever asked is not told that a limit was reached; the operator is. */
function noteOf(asked: readonly string[], { outcomes }: CommandDesk): string {
  const what = asked.join(', ') || 'no command found';
  return outcomes.length === 0 ? what : `${what}: ${outcomes.join(', ')}`;
}
