import type { Hono } from 'hono';
import { tell } from './show.tsx';
import type { Env, Page } from './site-frame.ts';
import { say } from './texts.ts';

/** The methods a path knows. HEAD is GET without its body; OPTIONS tells the methods; any other is answered 405. */
export function route(
  app: Hono<Env>,
  path: string,
  pages: { readonly get: Page; readonly post?: Page },
): void {
  const allowed = pages.post ? 'GET, HEAD, POST, OPTIONS' : 'GET, HEAD, OPTIONS';
  app.get(path, pages.get);
  if (pages.post) app.post(path, pages.post);
  app.all(path, (c) => {
    c.header('Allow', allowed);
    return c.req.method === 'OPTIONS'
      ? c.body(null, 204)
      : tell(c, { title: say('error.method'), status: 405 });
  });
}
