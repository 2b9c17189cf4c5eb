import type { Hono } from 'hono';
import { maskAddress } from '../../domain/address.ts';
import { listAddress } from '../../domain/list.ts';
import { type Leaving, leaveByToken, peekLeaveToken } from '../../operations/members/leave.ts';
import { holder } from '../asker.ts';
import { LeaveButton } from '../pages/leave-button.tsx';
import { readForm } from '../read-form.ts';
import { route } from '../route.ts';
import { show, tell } from '../show.tsx';
import type { Asked, Env } from '../site-frame.ts';
import { say } from '../texts.ts';

/**
 * `/u/TOKEN`, the link in List-Unsubscribe. GET shows a button; every POST acts, from wherever it comes and whatever its body: it is
 * pressed by the mail program, the token says all, and somebody who wants no more mail must never be stopped by a formality
 * (RFC 8058 §3.2: no redirect, no cookie, no log-in).
 */
export function leaveRoutes(app: Hono<Env>): void {
  route(app, '/u/:token', { get: showButton, post: leave });
}

async function showButton(c: Asked): Promise<Response> {
  const token = c.req.param('token') ?? '';
  const member =
    token.length > longestToken
      ? undefined
      : await c.var.frame.door.perform(peekLeaveToken, holder(c, 'leave link'), { token });
  if (!member) return showUnknown(c);
  if (member.left) return showLeftBefore(c);
  const { title } = member.list;
  return show(
    c,
    { title: say('goodbye.title', { list: title }) },
    <LeaveButton list={title} address={listAddress(member.list)} email={maskAddress(member.email)} />,
  );
}

async function leave(c: Asked): Promise<Response> {
  const form = await readForm(c.req.raw);
  const oneClick = form.get('List-Unsubscribe')?.toLowerCase() === 'one-click';
  const token = c.req.param('token') ?? '';
  if (token.length > longestToken) return showUnknown(c);
  const how = oneClick ? 'one-click' : 'page';
  const outcome = await c.var.frame.door.perform(leaveByToken, holder(c, 'leave link'), { token, how });
  return oneClick ? c.body('', 200) : showOutcome(c, outcome);
}

function showOutcome(c: Asked, outcome: Leaving): Response | Promise<Response> {
  if (outcome.kind === 'not-a-member') return showLeftBefore(c);
  const { list, email } = outcome;
  if (outcome.kind === 'stays') {
    return tell(
      c,
      { title: say('goodbye.stays', { list: list.title }) },
      say('goodbye.stays-body', { email: maskAddress(email), list: list.title }),
    );
  }
  const wayBack = list.settings.send_goodbye ? [say('goodbye.way-back')] : [];
  return tell(
    c,
    { title: say('goodbye.done', { list: list.title }) },
    say('goodbye.done-body', { email: maskAddress(email), list: list.title }),
    ...wayBack,
  );
}

function showLeftBefore(c: Asked): Response | Promise<Response> {
  return tell(c, { title: say('goodbye.before') }, say('goodbye.before-body'));
}

function showUnknown(c: Asked): Response | Promise<Response> {
  return tell(c, { title: say('error.not-found'), status: 404 }, say('confirm.unknown'));
}

/** No token of ours is longer; in characters. */
const longestToken = 100;
