import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './site-frame.ts';

/**
 * What browsers may do with our pages: show them, style them and send our forms back to us. No script runs, nothing is fetched from
 * elsewhere, nobody frames them, and no link of ours tells another site where it stood, which may be a token.
 */
export function securityHeaders(baseUrl: string) {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // Without includeSubDomains: we speak for our own host only.
    strictTransportSecurity: baseUrl.startsWith('https:') ? 'max-age=31536000' : false,
  });
}

/** Nothing is kept or indexed unless the page says otherwise. */
export const keptNowhere = createMiddleware<Env>(async (c, next) => {
  await next();
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  if (!c.res.headers.has('X-Robots-Tag')) c.header('X-Robots-Tag', 'noindex, nofollow');
});
