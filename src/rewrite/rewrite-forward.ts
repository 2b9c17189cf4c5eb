import { isAsciiOnly } from '../domain/address.ts';
import { type List, listAddress } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';
import { readAuthor, readMailboxes } from '../mail/author.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { findField, firstValue, readHead } from '../mail/headers.ts';
import { separateText } from '../mail/separate-text.ts';
import { makeSendable } from './bytes.ts';
import { decideFrom } from './decide-from.ts';
import { addOnTop, type Draft, type NewField, putField } from './draft.ts';
import { undress, withoutOwnMark } from './dress-post.ts';
import { dropSignatures } from './drop-signatures.ts';
import { fieldsToCome } from './fields-to-come.ts';
import { type CopyForm, plainCopy } from './plain-copy.ts';
import { quote } from './quote.ts';
import { rewriteFrom } from './rewrite-from.ts';
import type { SenderFacts } from './sender-facts.ts';
import type { FromWord } from './signing-domain.ts';
import { compareSignatures, type SignedParts } from './surviving-signatures.ts';

export interface ForwardToRewrite {
  /** As received. */
  readonly raw: Buffer;
  readonly site: Site;
  /** The address of ours that it came through. */
  readonly via: string;
  /** Value of our Received field. */
  readonly trace: string;
  /** Absent where no list speaks for it (postmaster@ and the like): a From that can be read stays then. */
  readonly list?: List | undefined;
  readonly sender: SenderFacts;
  /** What kind of next hop the copy is for; default `full`. */
  readonly form?: CopyForm | undefined;
  /** What stands for the sender in the From, where it has to. */
  readonly alias?: string | undefined;
}

/**
 * Mail to `-owner@`, to an author's alias or to postmaster@ on its way to people: as it came, with our trace and a mark against circles.
 * Its From is rewritten where the people's servers would refuse it, unless the list rewrites nobody (email.md §5.4), and in any case where it
 * cannot be read as one author: it would mean something else to each of them.
 */
export function rewriteForward(given: ForwardToRewrite): SignedParts & { readonly fromIs: FromWord } {
  const forward = { ...given, raw: separateText(given.raw) };
  const { list, sender, via, form = 'full' } = forward;
  const received = partsOf(forward.raw);
  const { author } = readAuthor(received.head);
  const copy = plainCopy(passOn(forward), form);
  const signatures = compareSignatures(received, copy, { ...sender, toCome: fieldsToCome.forward });
  const without = (broken: typeof signatures) =>
    list?.settings.keep_broken_signatures ? copy : dropSignatures(copy, broken);
  const finish = (draft: Draft, fromIs: FromWord) => ({ ...plainCopy({ ...copy, ...draft }, form), fromIs });
  const asciiOnly = form !== 'full';
  if (!author || (!list && asciiOnly && !isAsciiOnly(author.email)))
    return finish(withoutAuthor(without(signatures), via), 'ours');
  const decision =
    list && decideFrom({ ...sender, ...questionOf(list, forward.site), author, asciiOnly }, () => signatures);
  if (!list || !decision || decision.from === 'author')
    return finish(without(signatures.filter(({ survives }) => !survives)), 'author');
  const rewritten = rewriteFrom(without(signatures), { list, address: forward.alias ?? via, ...decision });
  return finish(withAnswer(rewritten, formatMailbox(author)), 'ours');
}

/** As it came, with what we put on top. */
function passOn({ raw, site, via, trace }: ForwardToRewrite): Draft & { readonly body: Buffer } {
  const { head, body } = partsOf(makeSendable(raw).raw);
  const added: NewField[] = [
    ['X-BeenThere', via, 'this address knows the mail again, should it come back'],
    ['Received', trace, 'a trace of this server'],
  ];
  const stripped = withoutOwnMark(undress({ head, changes: [] }, { site }), added);
  return { ...addOnTop(stripped, added), body };
}

function questionOf(list: List, { strictDomains }: Site) {
  const mode = list.settings.dmarc === 'never' ? 'never' : 'auto';
  return { mode, listAddress: listAddress(list), strictDomains } as const;
}

function partsOf(raw: Buffer) {
  const head = readHead(raw);
  return { head, body: raw.subarray(head.bodyStart) };
}

/** The address that it came through stands for authors whom nobody can read; what stood there is kept for people to judge. */
function withoutAuthor(draft: Draft, via: string): Draft {
  const from = firstValue(draft.head, 'from');
  const written = quote(from);
  const answers = readMailboxes(from).addresses.filter(isAsciiOnly).join(', ');
  const replaced = putField(draft, ['From', via, 'it does not name one author']);
  const kept = written ? putField(replaced, ['X-Original-From', written, 'as it was written']) : replaced;
  return answers === '' ? kept : withAnswer(kept, answers);
}

/** People answer whoever wrote. */
function withAnswer(draft: Draft, answers: string): Draft {
  if (findField(draft.head, 'reply-to')) return draft;
  return putField(draft, ['Reply-To', answers, 'answers go to whoever wrote']);
}
