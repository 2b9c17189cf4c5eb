import type { Hono } from 'hono';
import { normalizeToken, type QuestionKind } from '../../domain/token.ts';
import { askAgain } from '../../operations/requests/ask-again.ts';
import { cancel, confirm } from '../../operations/requests/confirm.ts';
import { type Confirmation, showConfirmation } from '../../operations/requests/show-confirmation.ts';
import { holder, ipOf, visitor } from '../asker.ts';
import { AnswerForm, AskAgainForm } from '../pages/confirmation.tsx';
import { readForm } from '../read-form.ts';
import { route } from '../route.ts';
import { show, tell } from '../show.tsx';
import type { Asked, Env } from '../site-frame.ts';
import { say, type TextValues } from '../texts.ts';
import { showModerationPage, takeModeration } from './moderate.tsx';

/**
 * `/c/TOKEN`, the link in every confirmation mail. Looking changes nothing and burns nothing: programs open links before people do,
 * and some run the scripts they find. The token in the body of the POST is the capability, so there is no cookie, and no other check
 * of where the form came from (email.md §3.3).
 */
export function confirmRoutes(app: Hono<Env>): void {
  route(app, '/c/:token', { get: showQuestion, post: takeAnswer });
}

interface Presented extends Confirmation {
  /** Normalised. */
  readonly token: string;
}

type Question = Presented & { readonly kind: QuestionKind };
type ToModerate = Presented & { readonly kind: 'moderate' };

/** It is no question with a yes and a no, and is presented as often as there is something to decide. */
function isToModerate(presented: Question | ToModerate): presented is ToModerate {
  return presented.kind === 'moderate';
}

async function showQuestion(c: Asked): Promise<Response> {
  const question = await questionOf(c);
  if (!question) return showUnknown(c);
  return isToModerate(question) ? showModerationPage(c, question.token) : showState(c, question);
}

async function takeAnswer(c: Asked): Promise<Response> {
  const form = await readForm(c.req.raw);
  const question = await questionOf(c);
  if (!question) return showUnknown(c);
  const { token } = question;
  const isOurs = normalizeToken(form.get('token') ?? '') === token;
  if (isToModerate(question)) return isOurs ? takeModeration(c, form, token) : showModerationPage(c, token);
  const { state } = question;
  const said = isOurs ? form.get('answer') : undefined;
  if (state.kind === 'expired' && state.canAskAgain && said === 'again') return sendFreshLink(c, token);
  if (state.kind === 'open' && (said === 'yes' || said === 'no')) return carryOut(c, question, said);
  return showState(c, question);
}

async function carryOut(c: Asked, { token }: Question, said: 'yes' | 'no'): Promise<Response> {
  const { perform } = c.var.frame.door;
  const verb = said === 'yes' ? confirm : cancel;
  const { again } = await perform(verb, holder(c, 'confirmation'), { token, ip: ipOf(c) });
  // Read back, because the outcome itself names addresses in full.
  const settled = await perform(showConfirmation, holder(c, 'confirmation'), { token });
  if (settled?.state.kind === 'overtaken') return tellOvertaken(c, settled, settled.state);
  if (settled?.state.kind === 'open')
    return settled.kind === 'resume'
      ? tell(c, { title: say('confirm.unchanged') }, say('confirm.unchanged-body', valuesOf(settled)))
      : tell(c, { title: say('confirm.kept') }, say('confirm.kept-body', valuesOf(settled)));
  const result = settled?.state.kind === 'done' ? [settled.state.result] : [];
  return tell(c, { title: say(again ? 'confirm.done-before' : 'confirm.done') }, ...result);
}

async function sendFreshLink(c: Asked, token: string): Promise<Response> {
  await c.var.frame.door.perform(askAgain, visitor(c), { token, ip: ipOf(c) });
  return tell(c, { title: say('sent.title') }, say('sent.body'), say('sent.nothing'));
}

async function questionOf(c: Asked): Promise<Question | ToModerate | undefined> {
  const token = normalizeToken(c.req.param('token') ?? '');
  const asked =
    token && (await c.var.frame.door.perform(showConfirmation, holder(c, 'confirmation'), { token }));
  if (!token || !asked) return undefined;
  const { kind } = asked;
  return kind === 'moderate' ? { ...asked, kind, token } : { ...asked, kind, token };
}

function showState(c: Asked, question: Question): Response | Promise<Response> {
  const { state, kind, token } = question;
  const values = valuesOf(question);
  if (state.kind === 'done') {
    const on = say('confirm.done-on', { on: state.on });
    return tell(c, { title: say('confirm.done-before') }, state.result, on);
  }
  if (state.kind === 'overtaken') return tellOvertaken(c, question, state);
  if (state.kind === 'open') {
    const title = say(`confirm.${kind}.title`, values);
    return show(c, { title }, <AnswerForm kind={kind} values={values} token={token} />);
  }
  const expired = { title: say('confirm.expired'), status: 410 } as const;
  return state.canAskAgain
    ? show(c, expired, <AskAgainForm values={values} token={token} />)
    : tell(c, expired, say('confirm.expired-over'));
}

function tellOvertaken(
  c: Asked,
  question: Confirmation,
  { result, on }: { readonly result: string; readonly on?: string },
): Response | Promise<Response> {
  const which = question.about === undefined ? [] : [say('confirm.overtaken-about', valuesOf(question))];
  const when = on === undefined ? [] : [say('confirm.done-on', { on })];
  return tell(c, { title: say('confirm.overtaken') }, ...which, result, ...when);
}

function valuesOf({ email, list, about }: Confirmation): TextValues {
  return { email, list: list?.title ?? say('confirm.some-list'), about: about ?? say('confirm.its-lists') };
}

function showUnknown(c: Asked): Response | Promise<Response> {
  return tell(c, { title: say('error.not-found'), status: 404 }, say('confirm.unknown'));
}
