import { Hono } from 'hono';
import { showFailure, showNotFound } from './failures.ts';
import type { Outbox } from './outbox.ts';
import type { OutboxLock } from './outbox-gate.ts';
import { confirmRoutes } from './routes/confirm.tsx';
import { healthRoutes } from './routes/health.ts';
import { leaveRoutes } from './routes/leave.tsx';
import { listRoutes } from './routes/lists.tsx';
import { outboxRoutes } from './routes/outbox.tsx';
import { requestRoutes } from './routes/requests.tsx';
import { staticRoutes } from './routes/static.ts';
import { keptNowhere, securityHeaders } from './security-headers.ts';
import type { Env, SiteFrame } from './site-frame.ts';

/** Every page. The names before the first slash are reserved (domain/list-name.ts), so none of them hides a list. */
export function createApp(
  frame: SiteFrame,
  trial?: { readonly outbox: Outbox; readonly lock: OutboxLock },
): Hono<Env> {
  const pages = new Hono<Env>();
  healthRoutes(pages);
  staticRoutes(pages);
  confirmRoutes(pages);
  leaveRoutes(pages);
  if (trial) outboxRoutes(pages, trial.outbox, trial.lock);
  requestRoutes(pages);
  listRoutes(pages);

  const app = new Hono<Env>();
  app.use(securityHeaders(frame.baseUrl), keptNowhere, async (c, next) => {
    c.set('frame', frame);
    await next();
  });
  app.onError(showFailure);
  app.notFound(showNotFound);
  // A proxy in front may pass the path of the base URL on, or take it off.
  if (frame.base !== '') app.route(frame.base, pages);
  return app.route('/', pages);
}
