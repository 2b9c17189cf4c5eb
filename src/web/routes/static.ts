import type { Hono } from 'hono';
import { route } from '../route.ts';
import type { Env } from '../site-frame.ts';
import { icon, stylesheet, stylesheetName } from '../stylesheet.ts';

/** What never changes under its name. */
export function staticRoutes(app: Hono<Env>): void {
  const kept = 'public, max-age=31536000, immutable';
  route(app, `/static/${stylesheetName}`, {
    get: (c) => c.body(stylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': kept }),
  });
  route(app, '/static/icon.svg', {
    get: (c) =>
      c.body(icon, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=86400' }),
  });
  route(app, '/robots.txt', {
    get: (c) => c.text('User-agent: *\nDisallow: /c/\nDisallow: /u/\nDisallow: /outbox\n'),
  });
}
