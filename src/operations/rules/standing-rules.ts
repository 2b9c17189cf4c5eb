import type { Address } from '../../domain/address.ts';
import type { HeaderRule } from '../../domain/header-rule.ts';
import type { List } from '../../domain/list.ts';
import { expressionOf, fittingPatterns, foremostRule, type SenderRule } from '../../domain/sender-rule.ts';
import { decodeHeader } from '../../mail/decode-header.ts';
import { findFields, type MailHead, readHead } from '../../mail/headers.ts';
import { looksAfterList } from '../../policy/identity.ts';
import type { PostFacts } from '../../policy/rule.ts';
import { sparesOfficers } from '../../policy/spared.ts';
import { findStandingRules, type StandingRules } from '../../store/standing-rules.ts';
import type { Context } from '../operation.ts';
import { isFoundIn, longestText } from './pattern.ts';

/** What owners and the operator have decided about such mail before it came, as far as it is about whoever wrote it; one read. */
export async function standingFacts(
  { tx }: Pick<Context, 'tx'>,
  post: { readonly list: List; readonly raw: Buffer } & Pick<PostFacts, 'mail' | 'checks' | 'member'>,
): Promise<Pick<PostFacts, 'senderRule' | 'headerRules'>> {
  const author = post.mail.author?.email;
  const found = await findStandingRules(tx, post.list.id, author ? fittingPatterns(author) : []);
  const rules = looksAfterList(post) ? withoutSpared(found) : found;
  const senderRule = author && foremostRule(fitting(rules.senders, author));
  const headerRules = rules.headers.length === 0 ? [] : matching(rules.headers, readHead(post.raw));
  return { ...(senderRule && { senderRule }), headerRules };
}

/** Before the foremost is chosen: another rule may stand behind it. */
function withoutSpared({ senders, headers }: StandingRules): StandingRules {
  return {
    senders: senders.filter((rule) => !sparesOfficers(rule)),
    headers: headers.filter((rule) => !sparesOfficers(rule)),
  };
}

/** The rule of a list or the site that counts for an author there. */
export async function senderRuleAbout(
  { tx }: Pick<Context, 'tx'>,
  listId: number,
  author: Address,
): Promise<SenderRule | undefined> {
  const { senders } = await findStandingRules(tx, listId, fittingPatterns(author));
  return foremostRule(fitting(senders, author));
}

/** Those of the rules found for an author whose patterns match, too. */
export function fitting(rules: readonly SenderRule[], author: Address): readonly SenderRule[] {
  return rules.filter((rule) => rule.kind !== 'pattern' || isFoundIn(expressionOf(rule), author));
}

/** Those whose pattern is found in a field of the mail. */
export function matching<Rule extends Pick<HeaderRule, 'field' | 'pattern'>>(
  rules: readonly Rule[],
  head: MailHead,
): readonly Rule[] {
  const values = new Map<string, readonly string[]>();
  return rules.filter(({ field, pattern }) => {
    const texts = values.get(field) ?? textsOf(head, field);
    values.set(field, texts);
    return texts.some((text) => isFoundIn(pattern, text));
  });
}

/** The decoded values of all fields of that name, as far as they are matched: `longestText` characters, together. */
function textsOf(head: MailHead, field: string): readonly string[] {
  let left = longestText;
  return findFields(head, field).flatMap(({ value }) => {
    if (left <= 0) return [];
    // Encoded words take up to nine bytes for a character.
    const text = decodeHeader(value.slice(0, left * 9)).slice(0, left);
    left -= text.length;
    return [text];
  });
}
