import { type List, listAddress } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';
import { readAuthor } from '../mail/author.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { findField, readHead } from '../mail/headers.ts';
import { makeSendable } from './bytes.ts';
import { decideFrom } from './decide-from.ts';
import { addOnTop, type Draft, type NewField, putField } from './draft.ts';
import { undress, withoutOwnMark } from './dress-post.ts';
import { rewriteFrom } from './rewrite-from.ts';
import type { SenderFacts } from './sender-facts.ts';
import { compareSignatures, type SignedParts } from './surviving-signatures.ts';

export interface ForwardToRewrite {
  /** As received. */
  readonly raw: Buffer;
  readonly site: Site;
  /** The address of ours that it came through. */
  readonly via: string;
  /** Value of our Received field. */
  readonly trace: string;
  /** Absent where no list speaks for it (postmaster@ and the like): the From stays then. */
  readonly list?: List | undefined;
  readonly sender: SenderFacts;
  /** What stands for the sender in the From, where it has to. */
  readonly alias?: string | undefined;
}

/**
 * Mail to `-owner@`, to an author's alias or to postmaster@ on its way to people: as it came, with our trace and a mark against circles.
 * Its From is rewritten where the people's servers would refuse it, unless the list rewrites nobody (email.md §5.4).
 */
export function rewriteForward(forward: ForwardToRewrite): SignedParts {
  const { raw, site, list, sender, via, trace } = forward;
  const received = partsOf(raw);
  const { head, body } = partsOf(makeSendable(raw).raw);
  const added: NewField[] = [
    ['X-BeenThere', via, 'this address knows the mail again, should it come back'],
    ['Received', trace, 'a trace of this server'],
  ];
  const stripped = withoutOwnMark(undress({ head, changes: [] }, site), added);
  const draft = addOnTop(stripped, added);
  if (!list) return { head: draft.head, body };
  const decision = decideFrom(
    {
      ...sender,
      author: readAuthor(head).author,
      mode: list.settings.dmarc === 'never' ? 'never' : 'auto',
      listAddress: listAddress(list),
      strictDomains: site.strictDomains,
    },
    () => compareSignatures(received, { head: draft.head, body }, sender),
  );
  if (decision.from === 'author') return { head: draft.head, body };
  const rewritten = rewriteFrom(draft, { list, address: forward.alias ?? via, ...decision });
  return { head: withAnswer(rewritten, decision.author).head, body };
}

function partsOf(raw: Buffer) {
  const head = readHead(raw);
  return { head, body: raw.subarray(head.bodyStart) };
}

/** People answer whoever wrote. */
function withAnswer(draft: Draft, author: { readonly name: string; readonly email: string }): Draft {
  if (findField(draft.head, 'reply-to')) return draft;
  return putField(draft, ['Reply-To', formatMailbox(author), 'answers go to whoever wrote']);
}
