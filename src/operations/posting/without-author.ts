import { unchecked } from '../../domain/checks.ts';
import type { MailFacts } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import { anonymousId } from '../../mail/anonymous-id.ts';
import { formatDate } from '../../mail/format-date.ts';
import { readHead } from '../../mail/headers.ts';
import { readFacts } from '../../mail/read-facts.ts';
import { anonymousPost } from '../../rewrite/anonymous-post.ts';
import type { Change } from '../../rewrite/change.ts';
import { receptionId } from '../incoming/received.ts';
import type { Context } from '../operation.ts';
import type { AcceptedMail } from './accepted-mail.ts';

/** A post as an anonymous list keeps and sends it: what nobody has stored nobody can find out. */
export function withoutAuthor(
  context: Pick<Context, 'keys' | 'site' | 'now'>,
  mail: AcceptedMail,
  list: List,
): AcceptedMail & { readonly changes: readonly Change[] } {
  const { facts } = mail;
  const { hostname } = context.site;
  const { raw, changes } = anonymousPost({
    raw: mail.raw,
    list,
    date: formatDate(facts.sentAt ?? context.now),
    idFor: (messageId) => idOn(context, list, messageId),
    ownDomains: context.site.domains,
    ...facts,
  });
  const kept = readFacts(raw, readHead(raw), hostname);
  return { raw, facts: kept, trace: withoutOrigin(mail.trace, kept), checks: unchecked, changes };
}

/** Our Received field without whom it came from; and its id is of the mail as it is kept: that of the original would tell who has that one. */
function withoutOrigin(trace: string, { sha256 }: MailFacts): string {
  return trace
    .replace(/^from .* \(\[[^\]]*\]\) (?=by )/, '')
    .replace(/ id [0-9a-f]{16} (?=for <[^>]*>; [^>]*$)/, ` id ${receptionId(sha256)} `);
}

/** The name of a mail in the archive of a list: on an anonymous one not its own. */
export function nameOn(context: Pick<Context, 'keys' | 'site'>, list: List, mail: MailFacts): MailFacts {
  return list.settings.anonymous ? { ...mail, messageId: idOn(context, list, mail.messageId) } : mail;
}

function idOn({ keys, site }: Pick<Context, 'keys' | 'site'>, list: List, messageId: string): string {
  const { hostname } = site;
  const isOurs = /^[0-9a-z]{25}@/.test(messageId) && messageId.endsWith(`@${hostname}`);
  return isOurs ? messageId : anonymousId(keys, { listId: list.id, messageId, hostname });
}
