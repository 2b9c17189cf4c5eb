import type { Address } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { DeliveryMode } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { SetOption } from '../../mail/mail-command.ts';
import { findMembership } from '../../store/memberships.ts';
import type { Preferences } from '../inputs.ts';
import { requestAddressChange } from '../members/change-address.ts';
import { requestPreferences } from '../members/set-preferences.ts';
import { cancel, confirm } from '../requests/confirm.ts';
import { requestJoin } from '../requests/request-join.ts';
import { requestLeave, requestLeaveEverywhere } from '../requests/request-leave.ts';
import type { CommandDesk } from './command-desk.ts';

/**
 * What people do about their own membership by mail. Who has proved the address gets it done; else every one of these ends in a question
 * to the address itself. Joining and moving to another address are always confirmed.
 */

export async function join(
  desk: CommandDesk,
  list: List,
  wish: { readonly mode?: 'digest' | 'nomail'; readonly name?: string; readonly address?: Address },
): Promise<void> {
  const { context, author, origin } = desk;
  const email = wish.address ?? author;
  const asked = await context.perform(requestJoin, context.actor, {
    listId: list.id,
    email,
    name: wish.name ?? (email === author ? desk.authorName : ''),
    mode: joinMode[wish.mode ?? 'mail'],
    origin: email === author ? origin : { ...origin, by: author },
  });
  desk.outcomes.push(asked.kind);
}

export async function leave(desk: CommandDesk, list: List, address?: Address): Promise<void> {
  const { context, author, origin } = desk;
  const email = address ?? author;
  const asked = await context.perform(requestLeave, context.actor, {
    listId: list.id,
    email,
    origin: email === author ? origin : { ...origin, by: author },
  });
  desk.outcomes.push(asked.kind);
}

export async function leaveEverything(desk: CommandDesk): Promise<void> {
  const { context, author, origin } = desk;
  const asked = await context.perform(requestLeaveEverywhere, context.actor, { email: author, origin });
  desk.outcomes.push(asked.kind);
  if (asked.kind === 'not-a-member') await desk.reply('no-lists');
}

export async function set(desk: CommandDesk, list: List, options: readonly SetOption[]): Promise<void> {
  const unknown = options.find((option) => !changesOf[option]);
  if (unknown) return desk.reply('not-available', { what: `set ${unknown}` }, list);
  await change(desk, list, Object.assign({}, ...options.map((option) => changesOf[option])));
}

/** `until`: an ISO date; without it the holiday is over. */
export async function vacation(desk: CommandDesk, list: List, until?: string): Promise<void> {
  const time = until === undefined ? null : Date.parse(`${until}T00:00:00Z`);
  if (time !== null && !(time > desk.context.now))
    return desk.reply('date-over', { date: until ?? '' }, list);
  await change(desk, list, { pausedUntil: time });
}

export async function rename(desk: CommandDesk, list: List, name: string): Promise<void> {
  await change(desk, list, { name });
}

export async function moveAddress(desk: CommandDesk, newEmail: Address): Promise<void> {
  const { context, author, origin } = desk;
  const asked = await context.perform(requestAddressChange, context.actor, {
    email: author,
    newEmail,
    origin,
  });
  desk.outcomes.push(asked.kind);
  if (asked.kind === 'not-a-member') await desk.reply('no-lists');
}

/** `confirm TOKEN`, in a mail to the command address instead of the one that carries the token. */
export async function confirmToken(
  desk: CommandDesk,
  token: string,
  verb: 'confirm' | 'cancel',
): Promise<void> {
  const holder = { kind: 'holder', of: 'confirmation' } as const;
  try {
    const done = await desk.context.perform(verb === 'confirm' ? confirm : cancel, holder, { token });
    if (done.again) await desk.reply('token-over', { sentence: done.sentence });
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    await desk.reply('token-over', { sentence: refusal.message });
  }
}

/** `birds-nomail@` and its like: a member's mode, or the way in for somebody who is none yet. */
export async function setModeOrJoin(desk: CommandDesk, list: List, mode: DeliveryMode): Promise<void> {
  if (await findMembership(desk.context.tx, list.id, desk.author)) return change(desk, list, { mode });
  const { context, author, authorName, origin } = desk;
  const asked = await context.perform(requestJoin, context.actor, {
    listId: list.id,
    email: author,
    name: authorName,
    mode,
    origin,
  });
  desk.outcomes.push(asked.kind);
}

async function change(desk: CommandDesk, list: List, changes: Preferences): Promise<void> {
  const { context, author, origin } = desk;
  const asked = await context.perform(requestPreferences, context.actor, {
    listId: list.id,
    email: author,
    changes,
    origin,
  });
  desk.outcomes.push(asked.kind);
  if (asked.kind === 'not-a-member') await desk.reply('not-a-member', { address: listAddress(list) }, list);
}

const joinMode: Readonly<Record<'mail' | 'digest' | 'nomail', DeliveryMode>> = {
  mail: 'each',
  digest: 'digest-mime',
  nomail: 'none',
};

/** LISTSERV's words. Those without an entry name things that we do not do. */
const changesOf: Readonly<Partial<Record<SetOption, Preferences>>> = {
  mail: { mode: 'each', pausedUntil: null },
  nomail: { mode: 'none' },
  digest: { mode: 'digest-mime' },
  mime: { mode: 'digest-mime' },
  plain: { mode: 'digest-plain' },
  html: { mode: 'digest-html' },
  index: { mode: 'summary' },
  repro: { ownCopy: true },
  norepro: { ownCopy: false },
};
