import { parseAddress } from '../../src/domain/address.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { HeaderAction, HeaderRule } from '../../src/domain/header-rule.ts';
import type { Identity } from '../../src/domain/identity.ts';
import type { MailFacts } from '../../src/domain/incoming.ts';
import type { ListSettings } from '../../src/domain/list-settings.ts';
import type { Role } from '../../src/domain/membership.ts';
import type { SenderAction, SenderRule } from '../../src/domain/sender-rule.ts';
import type { MemberFacts, PostFacts } from '../../src/policy/rule.ts';
import { plainList } from '../support/plain.ts';

/** A plain post of a member, and what a case changes of it. */
export type Change = Partial<Omit<PostFacts, 'mail' | 'list' | 'member'>> & {
  readonly mail?: Partial<MailFacts> & { readonly author?: MailFacts['author'] | undefined };
  readonly settings?: Partial<ListSettings>;
  readonly member?: MemberFacts | undefined;
};

export function factsOf(change: Change = {}): PostFacts {
  const { mail: mailChange, settings, ...rest } = change;
  return {
    mail: { ...mail, ...mailChange } as MailFacts,
    list: plainList(settings, 'Birds'),
    ownNames: ['birds.lists.example.org', 'birds@lists.example.org', 'vogels@lists.example.org'],
    nullSender: false,
    checks: verified,
    spoofProtection: 'standard',
    member: as('member'),
    headerRules: [],
    threadLocked: false,
    empty: false,
    quotesDigest: false,
    behindFrontMta: false,
    ...rest,
  } as PostFacts;
}

export const author = address('alice@example.com');
export const stranger = { member: undefined } as const;

export function as(role: Role, more: Partial<MemberFacts> = {}): MemberFacts {
  return { role, posting: 'default', firstPostsLeft: 0, believed: false, ...more };
}

export const verified = checksOf({ class: 'verified', why: 'DKIM of example.com matches the From' });
export const unverified = checksOf({ class: 'unverified', why: 'example.com signs nothing' });
/** Its domain says that such mail is not its own, and asks nothing, or asks to refuse it. */
export const failed = checksOf({ class: 'failed', why: 'example.com disowns it' });
export const failedReject = checksOf({ class: 'failed', why: 'example.com disowns it', policy: 'reject' });

export function checksOf(identity: Partial<Identity>, more: Partial<Checks> = {}): Checks {
  return { ...unchecked, identity: { ...unchecked.identity, ...identity }, ...more };
}

export function senderRule(action: SenderAction): SenderRule {
  return {
    id: 1,
    listId: 1,
    kind: 'address',
    pattern: author,
    action,
    createdBy: 'operator:cli',
    createdAt: 0,
  };
}

export function headerRule(action: HeaderAction): HeaderRule {
  return {
    id: 1,
    listId: 1,
    field: 'x-mailer',
    pattern: 'mass',
    action,
    createdBy: 'operator:cli',
    createdAt: 0,
  };
}

export function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`not an address: ${text}`);
  return parsed;
}

const mail: MailFacts = {
  bytes: 1000,
  sha256: Buffer.alloc(32),
  bodySha256: 'a',
  messageId: 'one@example.com',
  author: { email: author, name: 'Alice' },
  subject: 'Nests',
  inReplyTo: [],
  references: [],
  vacation: false,
  report: false,
  listIds: [],
  beenAt: [],
  hops: 1,
  addressed: [address('birds@lists.example.org')],
  addressedCount: 1,
};
