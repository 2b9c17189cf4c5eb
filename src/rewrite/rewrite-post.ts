import type { Author } from '../domain/incoming.ts';
import { listAddress } from '../domain/list.ts';
import { readAuthor } from '../mail/author.ts';
import { type MailHead, readHead } from '../mail/headers.ts';
import { separateText } from '../mail/separate-text.ts';
import { makeSendable } from './bytes.ts';
import type { Change } from './change.ts';
import { decideFrom, type FromDecision } from './decide-from.ts';
import type { Draft } from './draft.ts';
import { answerTo, type Dress, dress, undress } from './dress-post.ts';
import { dropSignatures } from './drop-signatures.ts';
import { fieldsToCome } from './fields-to-come.ts';
import { addFooter } from './footer.ts';
import { footerText } from './footer-text.ts';
import { type CopyForm, plainCopy } from './plain-copy.ts';
import { rewriteFrom } from './rewrite-from.ts';
import type { SenderFacts } from './sender-facts.ts';
import type { FromWord } from './signing-domain.ts';
import { type ComparedSignature, compareSignatures, type SignedParts } from './surviving-signatures.ts';
import { wrapPost } from './wrap-post.ts';

export interface PostToRewrite extends Dress {
  /** As received. */
  readonly raw: Buffer;
  readonly sender: SenderFacts;
  /** `birds-from+TOKEN@…`, where one was made for the author. */
  readonly alias?: string | undefined;
  /** What kind of next hop the copy is for; default `full`. */
  readonly form?: CopyForm | undefined;
  /** The author is no member. */
  readonly stranger?: boolean | undefined;
}

/** What goes out, unsigned and without what is personal; and how it came to be. */
export interface Rewritten extends SignedParts {
  readonly fromIs: FromWord;
  readonly changes: readonly Change[];
  readonly decision: FromDecision;
  /** What becomes of the signatures that it came with, as long as the author stays in the From. */
  readonly signatures: readonly ComparedSignature[];
  /** Why the list's footer is not under it, a clause. */
  readonly footerLeft?: string;
}

/** Pure. The header block and the body that all copies of a post share (email.md §5). */
export function rewritePost(given: PostToRewrite): Rewritten {
  const whole = partsOf(given.raw);
  const raw = separateText(given.raw, whole.head);
  const post = raw === given.raw ? given : { ...given, raw };
  const received = raw === given.raw ? whole : partsOf(raw);
  const { list, sender, form = 'full' } = post;
  const { author } = readAuthor(received.head);
  const text = withFooter(post);
  const plain = plainCopy(dressUp(post, { received, author, bytes: text }), form);
  const toCome = fieldsToCome.post;
  const signatures = once(() => compareSignatures(received, plain, { ...sender, toCome }));
  const decision = decideFrom(
    {
      ...sender,
      author,
      asciiOnly: form !== 'full',
      mode: list.settings.dmarc,
      listAddress: listAddress(list),
      strictDomains: post.site.strictDomains,
    },
    signatures,
  );
  const copy = carryOut(post, decision, { plain, received: received.head, signatures: signatures() });
  return {
    ...copy,
    changes: raw === given.raw ? copy.changes : [separated, ...copy.changes],
    decision,
    // An anonymous list is the author of its posts.
    fromIs: decision.from === 'author' && !list.settings.anonymous ? 'author' : 'ours',
    signatures: signatures(),
    ...(text.left !== undefined && { footerLeft: text.left }),
  };
}

const separated: Change = {
  what: 'an empty line',
  why: 'its text began right below its head',
  after: 'between the two',
};

interface Bytes {
  readonly raw: Buffer;
  readonly changes: readonly Change[];
}

/** A header block on its way, with the body that belongs to it. */
interface Copy extends Draft {
  readonly body: Buffer;
}

function withFooter({ raw, list, site }: PostToRewrite): Bytes & { readonly left?: string } {
  const footer = footerText(list, site);
  const grown = footer === undefined ? undefined : addFooter(raw, footer);
  const added = grown?.kind === 'added' ? grown : { raw, changes: [] };
  const sendable = makeSendable(added.raw);
  const changes = [...added.changes, ...sendable.changes];
  return { raw: sendable.raw, changes, ...(grown?.kind === 'left' && { left: grown.why }) };
}

function dressUp(
  post: PostToRewrite,
  { received, author, bytes }: { received: Parts; author: Author | undefined; bytes: Bytes },
): Copy {
  const { head, body } = bytes.raw === post.raw ? received : partsOf(bytes.raw);
  const draft = dress(
    undress({ head, changes: bytes.changes }, { site: post.site, edited: post.sender.edited }),
    post,
    received.head,
  );
  return { ...answerTo(draft, post.list, { received: received.head, author, fromRewritten: false }), body };
}

interface Found {
  /** The copy as it would go out under its author's address. */
  readonly plain: Copy;
  readonly received: MailHead;
  readonly signatures: readonly ComparedSignature[];
}

function carryOut(post: PostToRewrite, decision: FromDecision, found: Found): Copy {
  const { plain, signatures } = found;
  const broken = signatures.filter(({ survives }) => !survives);
  switch (decision.from) {
    case 'author':
      return withoutBroken(plain, post, broken);
    case 'rewritten':
      // All of them cover the From.
      return underAnotherName(withoutBroken(plain, post, signatures), post, { ...decision, ...found });
    case 'wrapped':
      return underAnotherName(wrap(post, decision.why, found.received), post, { ...decision, ...found });
  }
}

function underAnotherName(
  copy: Copy,
  { list, alias, stranger, form = 'full' }: PostToRewrite,
  { author, why, received }: { readonly author: Author; readonly why: string; readonly received: MailHead },
): Copy {
  const address = (list.settings.dmarc_from === 'alias' && alias) || listAddress(list);
  const draft = rewriteFrom(copy, { list, address, author, why });
  const named = answerTo(draft, list, { received, author, fromRewritten: true, stranger });
  return plainCopy({ ...named, body: copy.body }, form);
}

/** The post as it came, but for what no copy carries on, inside a mail of the list: without the tag, and without a footer. */
function wrap(post: PostToRewrite, why: string, received: MailHead): Copy {
  const sendable = makeSendable(post.raw);
  const { head, body } = partsOf(sendable.raw);
  const inner = undress({ head, changes: sendable.changes }, { site: post.site, edited: post.sender.edited });
  const outer = wrapPost({ head: inner.head, body });
  const wrapped = { what: 'the whole post', why, after: 'inside a mail of the list' };
  const draft = { head: outer.head, changes: [...inner.changes, wrapped] };
  return { ...dress(draft, post, received), body: outer.body };
}

function withoutBroken(copy: Copy, { list }: PostToRewrite, broken: readonly ComparedSignature[]): Copy {
  if (list.settings.keep_broken_signatures) return copy;
  return { ...dropSignatures(copy, broken), body: copy.body };
}

interface Parts {
  readonly head: MailHead;
  readonly body: Buffer;
}

function partsOf(raw: Buffer): Parts {
  const head = readHead(raw);
  return { head, body: raw.subarray(head.bodyStart) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
