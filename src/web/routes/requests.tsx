import type { Hono } from 'hono';
import { Refusal } from '../../domain/refusal.ts';
import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { requestByPage } from '../../operations/requests/request-by-page.ts';
import { ipOf, visitor } from '../asker.ts';
import { ageOfForm, sealForm } from '../form-seal.ts';
import { RequestForm } from '../pages/request-form.tsx';
import { SettingsByMail } from '../pages/settings-by-mail.tsx';
import { type Form, readForm } from '../read-form.ts';
import { route } from '../route.ts';
import { show, tell } from '../show.tsx';
import type { Asked, Env } from '../site-frame.ts';
import { say, type TextKey } from '../texts.ts';
import { publicListOf } from './lists.tsx';

/**
 * `/<list>/join` and `/<list>/leave`: the forms of strangers. They send mail to an address that somebody typed, so they are made
 * tiresome for programs (email.md §2.6), and they answer everybody alike.
 */
export function requestRoutes(app: Hono<Env>): void {
  for (const want of ['join', 'leave'] as const) {
    route(app, `/:list/${want}`, {
      get: (c) => showForm(c, { want, status: 200 }),
      post: (c) => takeRequest(c, want),
    });
  }
}

type Want = 'join' | 'leave';

async function takeRequest(c: Asked, want: Want): Promise<Response> {
  // Browsers tell (Fetch Metadata). With Referrer-Policy: no-referrer the Origin of our own forms is "null", so it cannot.
  if (c.req.header('sec-fetch-site') === 'cross-site') {
    return tell(c, { title: say('cross-site.title'), status: 403 }, say('cross-site.body'));
  }
  const form = await readForm(c.req.raw);
  const { keys, now } = c.var.frame.door;
  const age = ageOfForm(keys, purposeOf(c, want), form.get('shown'), now());
  if (age !== 'fine') return showForm(c, { want, form, problem: `form.${age}`, status: 422 });
  // A program fills in what a person does not see, and gets the answer that everybody gets.
  if (form.get('website')) return showSent(c);
  return pass(c, want, form);
}

async function pass(c: Asked, want: Want, form: Form): Promise<Response> {
  const request = {
    list: c.req.param('list') ?? '',
    want,
    email: form.get('email') ?? '',
    name: form.get('name') ?? '',
    ip: ipOf(c),
  };
  try {
    await c.var.frame.door.perform(requestByPage, visitor(c), request);
    return showSent(c);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.code !== 'invalid') throw refusal;
    return showForm(c, { want, form, problem: 'form.bad-address', status: 422 });
  }
}

async function showForm(
  c: Asked,
  shown: { want: Want; status: 200 | 422; form?: Form; problem?: TextKey },
): Promise<Response> {
  const { want, status, form, problem } = shown;
  const { keys, now } = c.var.frame.door;
  const list = await publicListOf(c);
  return show(
    c,
    { title: titleOf(want, list), status },
    <>
      <RequestForm
        want={want}
        seal={sealForm(keys, purposeOf(c, want), now())}
        email={form?.get('email') ?? ''}
        name={form?.get('name') ?? ''}
        problem={problem}
      />
      {want === 'leave' && <SettingsByMail list={list} />}
    </>,
  );
}

function showSent(c: Asked): Response | Promise<Response> {
  return show(
    c,
    { title: say('sent.title') },
    <>
      <p>{say('sent.body')}</p>
      <p class="quiet">{say('sent.nothing')}</p>
    </>,
  );
}

function titleOf(want: Want, list: ListPage | undefined): string {
  return list ? say(`${want}.title`, { list: list.title }) : say(`${want}.title-hidden`);
}

/** A form holds for one list and one wish. */
function purposeOf(c: Asked, want: Want): string {
  return `${want}:${(c.req.param('list') ?? '').toLowerCase()}`;
}
