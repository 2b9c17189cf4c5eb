import { randomBytes } from 'node:crypto';
import { routePath } from 'hono/route';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Refusal, type RefusalCode } from '../domain/refusal.ts';
import { TooLarge } from './read-form.ts';
import { tell } from './show.tsx';
import type { Asked } from './site-frame.ts';
import { say } from './texts.ts';

/** The one place where what an operation threw becomes a page. */
export function showFailure(failure: Error, c: Asked): Response | Promise<Response> {
  if (failure instanceof Refusal) return showRefusal(c, failure);
  if (failure instanceof TooLarge) {
    // What is still on its way is not read, so nothing more can be asked on this connection.
    c.header('Connection', 'close');
    return tell(c, { title: say('error.too-large'), status: 413 }, say('error.too-large-body'));
  }
  const reference = randomBytes(5).toString('hex');
  // The pattern, not the path: that may hold a token.
  const facts = { err: failure, reference, method: c.req.method, route: routePath(c, -1) };
  c.var.frame.door.log.error(facts, 'a page failed');
  return tell(c, { title: say('error.bug'), status: 500 }, say('error.bug-body', { reference }));
}

/** Never shows anything of the path or the form: a page of ours must not say what a stranger's link makes it say. */
export function showNotFound(c: Asked): Response | Promise<Response> {
  return tell(c, { title: say('error.not-found'), status: 404 }, say('error.not-found-body'));
}

function showRefusal(c: Asked, { code, message }: Refusal): Response | Promise<Response> {
  // Their sentences name our files.
  if (code === 'busy' || code === 'full') {
    c.header('Retry-After', '5');
    return tell(c, { title: say('error.busy'), status: 503 });
  }
  // An `invalid` names what was found.
  const sentence = code === 'invalid' ? say('error.invalid') : message;
  return tell(c, { title: say('error.refused'), status: statuses[code] }, sentence);
}

const statuses: Readonly<Record<RefusalCode, ContentfulStatusCode>> = {
  invalid: 400,
  'not-found': 404,
  exists: 409,
  'not-allowed': 403,
  closed: 403,
  expired: 410,
  limit: 429,
  conflict: 409,
  busy: 503,
  full: 503,
};
