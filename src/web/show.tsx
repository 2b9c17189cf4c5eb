import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Layout } from './pages/layout.tsx';
import type { Asked } from './site-frame.ts';

export interface Shown {
  readonly title: string;
  readonly status?: ContentfulStatusCode;
  /** Search engines may keep it: only what an owner made public. */
  readonly indexed?: boolean;
  /** For tables and mails. */
  readonly wide?: boolean;
}

/** A whole page: `body` stands below its title. */
export function show(c: Asked, shown: Shown, body: Child): Response | Promise<Response> {
  const page = (
    <Layout frame={c.var.frame} title={shown.title} wide={shown.wide ?? false}>
      {body}
    </Layout>
  );
  if (shown.indexed) c.header('X-Robots-Tag', 'all');
  return c.html(`<!doctype html>${page}`, shown.status ?? 200);
}

/** A page of a title and sentences. */
export function tell(c: Asked, shown: Shown, ...sentences: readonly string[]): Response | Promise<Response> {
  return show(
    c,
    shown,
    sentences.map((sentence) => <p>{sentence}</p>),
  );
}
