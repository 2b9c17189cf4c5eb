import { z } from 'zod';
import { type Address, parseAddress } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { hasRole, type Role } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { takeQuota } from '../../store/quotas.ts';
import { standingOf } from '../../store/standing.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { mayHearResults } from '../answering.ts';
import { provesAddress } from '../authorise.ts';
import { sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { confirmValues } from '../requests/request-join.ts';
import { issueToken } from '../tokens.ts';
import { carryOutAll } from './carry-out-officer.ts';
import { type CommandDesk, notAnswered } from './command-desk.ts';
import { type OfficerCommand, officerCommandInput, sayCommand } from './officer-command.ts';

const day = 86_400_000;
/** One mail may hold ten commands; who looks after many lists is not asked more often. */
const questionsPerDay = 10;

/** The role that the author of a command mail claims; undefined for plain members and strangers. */
export async function officerRole(desk: CommandDesk, listId: number): Promise<Role | undefined> {
  const standing = await standingOf(desk.context.tx, listId, desk.author);
  return standing && hasRole(standing.role, 'moderator') ? standing.role : undefined;
}

export function officersOnly(list: List): Refusal {
  return new Refusal('not-allowed', `Only moderators and owners of ${listAddress(list)} may do that.`);
}

/** Notes what an owner or moderator wants; all that one mail wants is done, or asked about, together at its end. */
export async function want(desk: CommandDesk, list: List, command: OfficerCommand): Promise<void> {
  if ((await officerRole(desk, list.id)) === undefined) throw officersOnly(list);
  const noted = desk.wanted.get(list.id) ?? { list, commands: [] };
  desk.wanted.set(list.id, { list, commands: [...noted.commands, command] });
}

/**
 * At once, where the mail is verified; else each command waits for a yes from the address it came in the name of, so that a forged From
 * does nothing (email.md §2.3).
 */
export async function settleWanted(desk: CommandDesk): Promise<void> {
  const { context, author } = desk;
  for (const { list, commands } of desk.wanted.values()) {
    if (provesAddress(context, author)) {
      const results = await carryOutAll(context, list, { commands, as: context.actor });
      const told = { to: author, results, answering: desk.mail.facts.messageId };
      const isTold = await tellResults(context, list, told);
      desk.outcomes.push('carried out', ...(isTold ? [] : [notAnswered]));
    } else desk.outcomes.push(await ask(desk, list, commands));
  }
}

/** The officer said yes: done in their name, with the rights that they have now. */
export async function confirmOfficer(context: Context, token: StoredToken): Promise<string> {
  const { commands } = payload.parse(token.payload);
  const email = parseAddress(token.email);
  const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
  if (!list || !email) throw new Refusal('not-found', 'This list is no longer here.');
  const results = await carryOutAll(context, list, { commands, as: { kind: 'verified', email } });
  await tellResults(context, list, { to: email, results });
  return results;
}

/** The answer to commands that were carried out, to whoever has proved that they sent them. Tells whether it goes out. */
export async function tellResults(
  context: Context,
  list: List,
  told: { readonly to: Address; readonly results: string; readonly answering?: string },
): Promise<boolean> {
  const { to, results, answering } = told;
  if (!(await mayHearResults(context, to))) return false;
  await sendNotice(context, {
    text: 'officer-done',
    to,
    list,
    values: { results },
    ...(answering === undefined ? {} : { answering: { messageId: answering } }),
    returnPath: 'null',
  });
  return true;
}

/** The commands that a token would carry out, in one line. */
export function commandsOf({ payload: stored }: StoredToken): string {
  return payload.parse(stored).commands.map(sayCommand).join('; ');
}

const payload = z.object({ commands: z.array(officerCommandInput) });

async function ask(
  desk: CommandDesk,
  list: List,
  commands: readonly OfficerCommand[],
): Promise<'confirm-sent' | 'not-sent'> {
  const { context, author, mail, origin } = desk;
  const { tx, now, site } = context;
  const rate = { count: questionsPerDay, ms: day };
  const limited = site.limits.confirmationsPerAddress !== undefined;
  if (limited && !(await takeQuota(tx, `confirm-officer:${author}`, { rate, now }))) return 'not-sent';
  const { token, expiresAt } = await issueToken(context, {
    kind: 'officer',
    listId: list.id,
    email: author,
    payload: { commands },
  });
  await sendNotice(context, {
    text: 'confirm-officer',
    to: author,
    list,
    values: {
      ...confirmValues(context, { email: author, token, expiresAt, origin }),
      commands: commands.map((command) => `  ${sayCommand(command)}`).join('\n'),
    },
    replyTo: { suffix: 'confirm', token },
    answering: { messageId: mail.facts.messageId },
    returnPath: 'verp',
  });
  return 'confirm-sent';
}
