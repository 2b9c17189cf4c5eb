import type { Hono } from 'hono';
import { route } from '../route.ts';
import type { Asked, Env } from '../site-frame.ts';

/** How long the store may take to answer, in milliseconds: less than what asks waits. */
const patience = 5_000;

/** `/healthz` for load balancers and container health checks: 200 when this server can do its work, else 503. */
export function healthRoutes(app: Hono<Env>): void {
  route(app, '/healthz', { get: showHealth });
}

async function showHealth(c: Asked): Promise<Response> {
  const { door } = c.var.frame;
  try {
    const health = await inTime(door.health());
    return c.json(health, health.ok ? 200 : 503);
  } catch (err) {
    door.log.error({ err }, 'the health of the server could not be told');
    return c.json({ ok: false }, 503);
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
