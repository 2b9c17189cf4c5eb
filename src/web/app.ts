import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { showFailure, showNotFound } from './failures.ts';
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
export function createApp(frame: SiteFrame, lock?: OutboxLock): Hono<Env> {
  const app = new Hono<Env>({ getPath: (request) => withoutBase(getPath(request), frame.base) });
  app.use(securityHeaders(frame.baseUrl), keptNowhere, async (c, next) => {
    c.set('frame', frame);
    await next();
  });
  app.onError(showFailure);
  app.notFound(showNotFound);
  healthRoutes(app);
  staticRoutes(app);
  confirmRoutes(app);
  leaveRoutes(app);
  if (lock && frame.door.trial) outboxRoutes(app, frame.door.trial, lock);
  requestRoutes(app);
  listRoutes(app);
  return app;
}

/** A proxy in front may pass the path of the base URL on, or take it off. */
function withoutBase(path: string, base: string): string {
  return base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}
