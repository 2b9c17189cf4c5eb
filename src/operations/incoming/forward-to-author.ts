import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { aliasAddress, type List, listAddress } from '../../domain/list.ts';
import type { Mailbox } from '../../domain/mailbox.ts';
import { formatSize, roundSize } from '../../domain/units.ts';
import { verifyToken } from '../../mail/signed-token.ts';
import { howToJoin } from '../../policy/may-post.ts';
import { mayWriteToAuthors } from '../../policy/may-write-to-authors.ts';
import { type AuthorAlias, findAlias } from '../../store/author-aliases.ts';
import { loadList } from '../../store/lists.ts';
import { takeQuota } from '../../store/quotas.ts';
import { suppressedAmong } from '../../store/suppressions.ts';
import type { Context } from '../operation.ts';
import { findMember } from '../posting/gather-facts.ts';
import { standingFacts } from '../rules/standing-rules.ts';
import { passOn } from './forward.ts';
import { askToComeAgain, turnAway } from './turn-away.ts';

/** More than anybody writes by hand: an alias is no way around a list's rules. */
const mailsOfSender = { count: 50, ms: 86_400_000 };

/**
 * Mail for `birds-from+TOKEN@`, the address that stood in the From of somebody's post (email.md §5.4): goes to that author, if a member
 * of the list wrote it and nobody can doubt that. Whoever may not is told nothing about the author, not even that there is one.
 */
export async function forwardToAuthor(
  context: Context,
  mail: CheckedMail,
  mailbox: Mailbox & { readonly kind: 'author-alias' },
): Promise<RecipientResult> {
  const { tx, now } = context;
  const list = await loadList(tx, mailbox.list.id);
  const author = list && (await authorOf(context, list, mailbox.token));
  if (!author) return refused(550, '5.1.1', 'There is no such address here');
  const via = aliasAddress(list, mailbox.token);
  if (mail.facts.automatic !== undefined || mail.envelopeSender === '')
    return { kind: 'dropped', note: 'automatic mail to an author' };
  const no = turnAway(mail) ?? (await doubt(context, mail, list));
  if (no) return no;
  if (mail.raw.length > list.settings.max_size)
    return refused(
      552,
      '5.3.4',
      `It is ${roundSize(mail.raw.length)}; this list allows ${formatSize(list.settings.max_size)}`,
    );
  const suppressed = await suppressedAmong(tx, list.id, [author.email]);
  if (suppressed.size > 0) return toTheList(list, 'This author takes no mail by way of the list');
  const sender = mail.facts.author?.email ?? '';
  if (!(await takeQuota(tx, `to-authors-by:${sender}`, { rate: mailsOfSender, now })))
    return refused(450, '4.7.1', 'You have written to many authors today. Try again tomorrow');
  return passOn(context, mail, { via, to: [author.email], list });
}

async function authorOf({ tx, keys }: Context, list: List, token: string): Promise<AuthorAlias | undefined> {
  const id = verifyToken(keys, 'alias', token);
  const alias = id === undefined ? undefined : await findAlias(tx, id);
  return alias?.listId === list.id ? alias : undefined;
}

/** Only members whom we know, and whose posts nobody wants to read first; moderators and owners are members, too. */
async function doubt(context: Context, mail: CheckedMail, list: List): Promise<RecipientResult | undefined> {
  const wait = await askToComeAgain(context, mail);
  if (wait) return wait;
  const { identity } = mail.checks;
  const { member } =
    identity.class === 'verified' ? await findMember(context, list, mail.facts.author?.email) : {};
  if (!member) return membersOnly(list);
  const { raw, facts, checks } = mail;
  const standing = await standingFacts(context, { list, raw, mail: facts, checks, member });
  return mayWriteToAuthors({ member, ...standing })
    ? undefined
    : toTheList(list, 'This address is for members whose posts no moderator has to read');
}

/** The same for a stranger and for who did not prove that they are a member: whether the address is one, nobody learns here. */
function membersOnly(list: List): RecipientResult {
  const who = `Only members of ${listAddress(list)} can write to one of its authors, with mail that proves who sent it`;
  return refused(550, '5.7.1', `${who}. ${howToJoin({ list })}`);
}

function toTheList(list: List, why: string): RecipientResult {
  return refused(550, '5.7.1', `${why}. Please write to the list: ${listAddress(list)}`);
}

function refused(code: 550 | 552 | 450 | 451, enhanced: string, why: string): RecipientResult {
  return { kind: 'refused', code, enhanced, why };
}
