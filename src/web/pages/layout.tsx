import type { Child } from 'hono/jsx';
import type { SiteFrame } from '../site-frame.ts';
import { stylesheetName } from '../stylesheet.ts';
import { say } from '../texts.ts';

interface LayoutProps {
  readonly frame: SiteFrame;
  readonly title: string;
  readonly wide: boolean;
  readonly children?: Child;
}

export function Layout({ frame, title, wide, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · ${frame.name}`}</title>
        <link rel="stylesheet" href={`${frame.base}/static/${stylesheetName}`} />
        <link rel="icon" type="image/svg+xml" href={`${frame.base}/static/icon.svg`} />
      </head>
      <body class={wide ? 'wide' : undefined}>
        <a class="skip" href="#main">
          {say('skip')}
        </a>
        <header>
          <strong>{frame.name}</strong>
          <a href={`${frame.base}/`}>{say('home')}</a>
        </header>
        <main id="main">
          <h1>{title}</h1>
          {children}
        </main>
        <footer>{say('foot')}</footer>
      </body>
    </html>
  );
}
