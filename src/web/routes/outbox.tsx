import type { Hono } from 'hono';
import type { WebDoor } from '../door.ts';
import { showNotFound } from '../failures.ts';
import { mayOpenOutbox, type OutboxLock } from '../outbox-gate.ts';
import { CapturedMailPage, OutboxPage, shortSubject } from '../pages/outbox-pages.tsx';
import { route } from '../route.ts';
import { show, tell } from '../show.tsx';
import type { Asked, Env, Page } from '../site-frame.ts';
import { say } from '../texts.ts';

const pageSize = 50;

/** `/outbox?key=…`: what trial mode and demo would have sent. */
export function outboxRoutes(app: Hono<Env>, trial: Trial, lock: OutboxLock): void {
  const locked =
    (page: Page): Page =>
    (c) =>
      mayOpenOutbox(c, lock) ? page(c) : showLocked(c);
  const keyed = (path: string) => `${path}?key=${encodeURIComponent(lock.key)}`;
  route(app, '/outbox', { get: locked((c) => showMails(c, trial, keyed)) });
  route(app, '/outbox/:id', { get: locked((c) => showMail(c, trial, keyed)) });
  route(app, '/outbox/:id/raw', { get: locked((c) => sendRaw(c, trial)) });
}

type Trial = NonNullable<WebDoor['trial']>;
/** Adds the key to a path. */
type Keyed = (path: string) => string;

async function showMails(c: Asked, { outbox }: Trial, keyed: Keyed): Promise<Response> {
  const mails = await outbox.list(pageSize + 1, c.req.query('before'));
  const shown = mails.slice(0, pageSize);
  const last = mails.length > pageSize ? shown.at(-1) : undefined;
  const path = `${c.var.frame.base}/outbox`;
  return show(
    c,
    { title: say('outbox.title'), wide: true },
    <OutboxPage
      mails={shown.map((mail) => ({ mail, href: keyed(`${path}/${mail.id}`) }))}
      older={last && `${keyed(path)}&before=${encodeURIComponent(last.id)}`}
    />,
  );
}

async function showMail(c: Asked, { outbox, readableText }: Trial, keyed: Keyed): Promise<Response> {
  const { base, baseUrl } = c.var.frame;
  const mail = await outbox.read(c.req.param('id') ?? '');
  if (!mail) return showNotFound(c);
  return show(
    c,
    { title: shortSubject(mail), wide: true },
    <CapturedMailPage
      mail={mail}
      head={headOf(mail.raw)}
      text={readableText(mail.raw).trimEnd()}
      baseUrl={baseUrl}
      raw={keyed(`${base}/outbox/${mail.id}/raw`)}
      back={keyed(`${base}/outbox`)}
    />,
  );
}

async function sendRaw(c: Asked, { outbox }: Trial): Promise<Response> {
  const mail = await outbox.read(c.req.param('id') ?? '');
  if (!mail) return showNotFound(c);
  return c.body(Uint8Array.from(mail.raw), 200, {
    'Content-Type': 'message/rfc822',
    'Content-Disposition': 'attachment; filename="mail.eml"',
  });
}

/** The header block; a byte that is not UTF-8 becomes a question mark. */
function headOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  return raw.subarray(0, end < 0 ? raw.length : end).toString('utf8');
}

function showLocked(c: Asked): Response | Promise<Response> {
  return tell(c, { title: say('outbox.locked'), status: 403 }, say('outbox.locked-body'));
}
