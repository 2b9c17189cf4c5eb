import { listAddress } from '../domain/list.ts';
import { readAuthor } from '../mail/author.ts';
import { readHead } from '../mail/headers.ts';
import type { Change } from './change.ts';
import { decideFrom, type FromDecision, type SenderFacts } from './decide-from.ts';
import { type Draft, takeAway } from './draft.ts';
import { answerTo, type Dress, dress, undress } from './dress-post.ts';
import { rewriteFrom } from './rewrite-from.ts';
import { type ComparedSignature, compareSignatures, type SignedParts } from './surviving-signatures.ts';
import { wrapPost } from './wrap-post.ts';

export interface PostToRewrite extends Dress {
  /** As received. */
  readonly raw: Buffer;
  readonly sender: SenderFacts;
  /** `birds-from+TOKEN@…`, where one was made for the author. */
  readonly alias?: string | undefined;
}

/** What goes out, unsigned and without what is personal; and how it came to be. */
export interface Rewritten extends SignedParts {
  readonly changes: readonly Change[];
  readonly decision: FromDecision;
  /** What becomes of the signatures that it came with, as long as the author stays in the From. */
  readonly signatures: readonly ComparedSignature[];
}

/** Pure. The header block and the body that all copies of a post share (email.md §5). */
export function rewritePost(post: PostToRewrite): Rewritten {
  const { list, site, sender } = post;
  const received = partsOf(post.raw);
  const { author } = readAuthor(received.head);
  const { body } = received;
  const stripped = undress({ head: received.head, changes: [] }, site);
  const as = { received: received.head, author };
  const dressed = answerTo(dress(stripped, post, received.head), list, { ...as, fromRewritten: false });
  const signatures = once(() =>
    compareSignatures(received, { head: dressed.head, body }, sender.authentication),
  );
  const decision = decideFrom(
    {
      ...sender,
      author,
      mode: list.settings.dmarc,
      listAddress: listAddress(list),
      strictDomains: site.strictDomains,
    },
    signatures,
  );
  const outcome = { decision, signatures: signatures() };
  const keepAll = list.settings.keep_broken_signatures;
  switch (decision.from) {
    case 'author': {
      const broken = signatures().filter(({ survives }) => !survives);
      return { ...(keepAll ? dressed : dropSignatures(dressed, broken)), body, ...outcome };
    }
    case 'rewritten': {
      // All of them cover the From.
      const unsigned = keepAll ? dressed : dropSignatures(dressed, signatures());
      const draft = rewriteFrom(unsigned, { list, alias: post.alias, ...decision });
      return { ...answerTo(draft, list, { ...as, fromRewritten: true }), body, ...outcome };
    }
    case 'wrapped': {
      const outer = wrapPost({ head: stripped.head, body });
      const wrapped = { what: 'the whole post', why: decision.why, after: 'inside a mail of the list' };
      const bare = { head: outer.head, changes: [...stripped.changes, wrapped] };
      const draft = rewriteFrom(dress(bare, post, received.head), { list, alias: post.alias, ...decision });
      return { ...answerTo(draft, list, { ...as, fromRewritten: true }), body: outer.body, ...outcome };
    }
  }
}

function partsOf(raw: Buffer) {
  const head = readHead(raw);
  return { head, body: raw.subarray(head.bodyStart) };
}

function dropSignatures(draft: Draft, broken: readonly ComparedSignature[]): Draft {
  const fields = new Set(broken.map(({ field }) => field));
  return takeAway(draft, (field) => (fields.has(field) ? 'it no longer fits what it signs' : undefined));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
