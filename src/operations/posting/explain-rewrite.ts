import { z } from 'zod';
import type { AskedPolicy, Authentication } from '../../domain/authentication.ts';
import { activeKeys } from '../../domain/dkim-key.ts';
import type { CheckedMail } from '../../domain/incoming.ts';
import { aliasAddress, listAddress } from '../../domain/list.ts';
import { sharesCopies } from '../../domain/shared-copies.ts';
import { decodeHeader } from '../../mail/decode-header.ts';
import { renderHead } from '../../mail/edit-head.ts';
import { firstValue, readHead } from '../../mail/headers.ts';
import { messageIdHash } from '../../mail/message-id-hash.ts';
import type { Change } from '../../rewrite/change.ts';
import type { FromDecision } from '../../rewrite/decide-from.ts';
import { type Rewritten, rewritePost } from '../../rewrite/rewrite-post.ts';
import { listDkimKeys } from '../../store/dkim-keys.ts';
import { numberToCome } from '../../store/lists.ts';
import { countMembers } from '../../store/roster.ts';
import { requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { receivedValue } from '../incoming/received.ts';
import type { Operation } from '../operation.ts';
import { byDomain, type ExplainedSigning, explainSigning } from './explain-signing.ts';
import { isUnheard } from './send-to-list.ts';
import { withoutAuthor } from './without-author.ts';

const input = z.object({
  list: listInput,
  mail: z.custom<CheckedMail>(),
  /** What the configuration says: dkim.sign, arc.seal and delivery.personalize. */
  signs: z.boolean(),
  seals: z.boolean(),
  personalize: z.enum(['auto', 'always', 'never']),
});

/** How a mail would look that went out to a list now, and why. */
export interface ExplainedRewrite extends ExplainedSigning {
  readonly list: string;
  readonly from: {
    readonly decision: FromDecision['from'];
    readonly why: string;
    readonly before: string;
    readonly after: string;
  };
  /** What the owner of the author's domain asks for. */
  readonly policy: AskedPolicy;
  /** Whether that is published; where not, nothing is asked for. null: nobody could find out, or nobody looked. */
  readonly policyPublished: boolean | null;
  /** Those that it came with: whether each proved the author on arrival, and whether it fits what would go out. */
  readonly signatures: readonly {
    readonly domain: string;
    readonly selector: string;
    readonly provesAuthor: boolean;
    readonly survives: boolean;
  }[];
  readonly changes: readonly ShownChange[];
  /** One copy would serve many members: with a way to leave that is the same for all, and without one click. */
  readonly shared: boolean;
  /** Why the list's footer would not be under it; null: it would, or the list has none. */
  readonly footerLeft: string | null;
}

/** `before`: null where something is added; `after`: where it is taken away. */
export interface ShownChange extends Pick<Change, 'what' | 'why'> {
  readonly before: string | null;
  readonly after: string | null;
}

/** With the copy itself, unsigned and without what is personal. Whose alias is not made yet stands there as `TOKEN`. */
export const explainRewrite: Operation<
  z.infer<typeof input>,
  { readonly explained: ExplainedRewrite; readonly copy: Buffer }
> = {
  name: 'explain-rewrite',
  kind: 'query',
  summary: 'Tells how a mail would be changed on its way to a list, and why.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, { list: named, mail, signs, seals, personalize }) => {
    const list = await findList(context, named);
    const trace = receivedValue(context, mail, listAddress(list));
    const post = { ...mail, trace };
    const sent = list.settings.anonymous ? withoutAuthor(context, post, list) : { ...post, changes: [] };
    const { authentication, policy } = sent.checks.identity;
    const proved = sent.checks.identity.class === 'verified';
    const keys = byDomain(activeKeys(await listDkimKeys(context.tx)));
    // Where somebody else signs for us, they do it for all (src/deliver/copies.ts).
    const ownDomains = signs ? [...keys.keys()] : context.site.domains;
    // At most so many: who wants no mail gets none.
    const recipients = await countMembers(context.tx, list.id);
    const shared = sharesCopies(
      { list: list.settings.personalize, site: personalize },
      { bytes: sent.raw.length, recipients },
    );
    const rewritten = rewritePost({
      raw: sent.raw,
      list,
      site: context.site,
      number: await numberToCome(context.tx, list.id),
      hash: messageIdHash(sent.facts.messageId),
      trace: sent.trace,
      sender: { authentication, at: context.now, proved, policy, ownDomains },
      alias: aliasAddress(list, 'TOKEN'),
      stranger: await isUnheard(context, list, sent.facts.author?.email),
      forEverybody: shared,
    });
    const copy = Buffer.concat([renderHead(rewritten.head), Buffer.from('\r\n'), rewritten.body]);
    return {
      explained: {
        list: listAddress(list),
        policy,
        policyPublished: isPublished(authentication),
        shared,
        ...describe(mail.raw, rewritten, sent.changes),
        ...explainSigning(
          { ...rewritten, proved, authentication },
          { list, site: context.site, keys, signs, seals },
        ),
      },
      copy,
    };
  },
};

function describe(
  raw: Buffer,
  rewritten: Rewritten,
  before: readonly Change[],
): Pick<ExplainedRewrite, 'from' | 'signatures' | 'changes' | 'footerLeft'> {
  const { head, decision, signatures, changes, footerLeft = null } = rewritten;
  return {
    from: {
      decision: decision.from,
      why: decision.why,
      before: firstValue(readHead(raw), 'from'),
      after: firstValue(head, 'from'),
    },
    signatures: signatures.map(({ domain, selector, provesAuthor, survives }) => ({
      domain,
      selector,
      provesAuthor,
      survives,
    })),
    changes: [...before, ...changes].map(asRead),
    footerLeft,
  };
}

/** Encoded words of a field as they are read; what is said of a part of the body is text already. */
function asRead({ what, why, before, after }: Change): ShownChange {
  const read = (value: string | undefined) =>
    value === undefined ? null : what.includes(' ') ? value : decodeHeader(value);
  return { what, why, before: read(before), after: read(after) };
}

/** DMARC says `none` of a domain that publishes nothing, and whether it passes of one that does. */
function isPublished(authentication: Authentication | undefined): boolean | null {
  switch (authentication?.dmarc.result) {
    case 'none':
      return false;
    case 'pass':
    case 'fail':
      return true;
    default:
      return null;
  }
}
