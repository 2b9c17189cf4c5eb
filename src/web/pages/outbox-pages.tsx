import { linkOwn } from '../link-own.tsx';
import type { CapturedMail } from '../outbox.ts';
import { say } from '../texts.ts';

interface OutboxPageProps {
  readonly mails: readonly { readonly mail: CapturedMail; readonly href: string }[];
  readonly older: string | undefined;
}

export function OutboxPage({ mails, older }: OutboxPageProps) {
  return (
    <>
      <p>{say('outbox.body')}</p>
      {mails.length === 0 && <p class="quiet">{say('outbox.none')}</p>}
      <ul class="mails">
        {mails.map(({ mail, href }) => (
          <li>
            <a href={href}>{shortSubject(mail)}</a>
            <p>
              {say('outbox.list-from')} <bdi>{shortFrom(mail)}</bdi>
            </p>
            <p class="quiet">
              {say('outbox.to', { to: mail.recipients.join(', ') })} · <Time at={mail.at} />
            </p>
          </li>
        ))}
      </ul>
      {older !== undefined && (
        <p>
          <a href={older}>{say('outbox.older')}</a>
        </p>
      )}
    </>
  );
}

/** Subjects and names may have thousands of characters; all of them are among the headers. */
export function shortSubject({ subject }: CapturedMail): string {
  return cut(subject) || say('outbox.no-subject');
}

function shortFrom({ from }: CapturedMail): string {
  return cut(from) || say('outbox.no-from');
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length > longestShown ? `${characters.slice(0, longestShown - 1).join('')}…` : text;
}

const longestShown = 150;

interface CapturedMailPageProps {
  readonly mail: CapturedMail;
  /** Its header block, and what it says. */
  readonly head: string;
  readonly text: string;
  readonly baseUrl: string;
  readonly raw: string;
  readonly back: string;
}

export function CapturedMailPage({ mail, head, text, baseUrl, raw, back }: CapturedMailPageProps) {
  return (
    <>
      <dl>
        <dt>{say('outbox.from')}</dt>
        <dd>
          <bdi>{shortFrom(mail)}</bdi>
        </dd>
        <dt>{say('outbox.recipients')}</dt>
        <dd>{mail.recipients.join(', ')}</dd>
        <dt>{say('outbox.return-path')}</dt>
        <dd>{mail.returnPath || say('outbox.nobody')}</dd>
        <dt>{say('outbox.at')}</dt>
        <dd>
          <Time at={mail.at} />
        </dd>
      </dl>
      <details>
        <summary>{say('outbox.head')}</summary>
        <pre>{linkOwn(head, baseUrl)}</pre>
      </details>
      <pre class="mail">{linkOwn(text, baseUrl)}</pre>
      <p>
        <a href={raw}>{say('outbox.raw')}</a>
      </p>
      <p>
        <a href={back}>{say('outbox.back')}</a>
      </p>
    </>
  );
}

/** UTC, because the server does not know where its reader is. */
function Time({ at }: { readonly at: number }) {
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>;
}
