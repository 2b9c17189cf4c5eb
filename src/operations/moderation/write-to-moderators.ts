import { z } from 'zod';
import { readBody } from '../../store/bodies.ts';
import { findHeld, findHeldAmong } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import {
  deleteNotices,
  type NoticeKind,
  type PendingNotice,
  pendingNotices,
} from '../../store/moderator-notices.ts';
import { requireOperator } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { announcedInStep, announceTo } from './announce-held.ts';
import { tellDecided } from './decided-notice.ts';
import { storyOf } from './describe-held.ts';
import { tellWaiting } from './waiting-notice.ts';

/** Mails written in one transaction; one with a post attached counts for several. */
const mailsInStep = 25;
const weights: Readonly<Record<NoticeKind, number>> = {
  held: mailsInStep / announcedInStep,
  waiting: 1,
  decided: 1,
};

/** Writes mails to moderators that were queued, oldest first. A step of a few dozen milliseconds; a timer calls it until it is done. */
export const writeToModerators: Operation<Record<string, never>, { mails: number }> = {
  name: 'write-to-moderators',
  kind: 'command',
  summary: 'Writes the mails to moderators that are due.',
  input: z.strictObject({}),
  authorise: requireOperator,
  run: async (context) => {
    const step = takeStep(await pendingNotices(context.tx, mailsInStep));
    for (const group of groupsOf(step)) await write(context, group);
    await deleteNotices(
      context.tx,
      step.map(({ id }) => id),
    );
    return { mails: step.length };
  },
  audit: () => undefined,
};

function takeStep(pending: readonly PendingNotice[]): PendingNotice[] {
  let weight = 0;
  return pending.filter(({ kind }) => {
    weight += weights[kind];
    return weight <= mailsInStep;
  });
}

/** Those that say the same to different people are written together. */
type Group = readonly [PendingNotice, ...PendingNotice[]];

function groupsOf(notices: readonly PendingNotice[]): readonly Group[] {
  const groups = new Map<string, [PendingNotice, ...PendingNotice[]]>();
  for (const notice of notices) {
    const { kind, listId, heldIds } = notice;
    const key = JSON.stringify([kind, listId, kind === 'decided' ? [] : heldIds]);
    const group = groups.get(key);
    if (group) group.push(notice);
    else groups.set(key, [notice]);
  }
  return [...groups.values()];
}

async function write(context: Context, group: Group): Promise<void> {
  const { tx } = context;
  const [{ kind, listId, heldIds }] = group;
  const list = await loadList(tx, listId);
  if (!list) return;
  const emails = group.map(({ email }) => email);
  if (kind === 'waiting') return tellWaiting(context, list, { heldIds, emails });
  if (kind === 'held') {
    const held = await findHeld(tx, heldIds[0] ?? 0);
    const raw = held && held.decidedAt === null ? await readBody(tx, held.bodyId) : undefined;
    if (held && raw) await announceTo(context, { list, held, raw }, emails);
    return;
  }
  const about = await findHeldAmong(tx, [...new Set(group.flatMap((notice) => notice.heldIds))]);
  const story = await storyOf(context, list, about);
  const byId = new Map(about.map((held) => [held.id, held]));
  for (const { email, heldIds: ids, count } of group) {
    const news = ids.flatMap((id) => byId.get(id) ?? []);
    await tellDecided(context, list, { email, news, count, story });
  }
}
