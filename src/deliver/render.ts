import type { List } from '../domain/list.ts';
import type { Mailing } from '../domain/mailing.ts';
import type { Site } from '../domain/site.ts';
import { type MailHead, readHead } from '../mail/headers.ts';
import { type CopyForm, plainCopy } from '../rewrite/plain-copy.ts';
import { rewriteForward } from '../rewrite/rewrite-forward.ts';
import { rewritePost } from '../rewrite/rewrite-post.ts';
import type { SenderFacts } from '../rewrite/sender-facts.ts';
import type { FromWord } from '../rewrite/signing-domain.ts';

/** What the copies of a mailing share, before anything is signed: on the wire the head, an empty line and the body follow each other. */
export interface Outgoing {
  readonly head: Pick<MailHead, 'fields'>;
  readonly body: Buffer;
  readonly fromIs: FromWord;
}

export interface Rendering {
  readonly site: Site;
  /** A copy goes to several recipients at once. */
  readonly shared: boolean;
  /** `birds-from+TOKEN@…` of the mailing's author, where there is one. */
  readonly alias?: string | undefined;
  /** Domains whose mail we sign with a key of theirs. */
  readonly ownDomains: readonly string[];
  /** What kind of next hop it is for. */
  readonly form: CopyForm;
}

/** Pure. Throws where the mailing cannot be sent at all, with the reason. */
export function renderMailing(
  mailing: Pick<Mailing, 'kind' | 'facts' | 'createdAt'>,
  list: List | undefined,
  raw: Buffer,
  rendering: Rendering,
): Outgoing {
  const { kind, facts, createdAt: at } = mailing;
  const { site, shared, alias, ownDomains, form } = rendering;
  const { trace = '', via = '', hash = '', number = 0, stranger } = facts;
  switch (kind) {
    case 'notice': {
      const head = readHead(raw);
      return { ...plainCopy({ head, body: raw.subarray(head.bodyStart) }, form), fromIs: 'ours' };
    }
    case 'forward': {
      const sender = senderFacts(facts, { at, ownDomains });
      return rewriteForward({ raw, site, list, via, trace, sender, alias, form });
    }
    case 'post': {
      if (!list) throw new Error('The list was deleted.');
      const sender = senderFacts(facts, { at, ownDomains });
      return rewritePost({
        raw,
        list,
        site,
        hash,
        number,
        trace,
        sender,
        alias,
        stranger,
        forEverybody: shared,
        form,
      });
    }
  }
}

function senderFacts(
  { authentication, proved = false, policy = 'none', munge, edited }: Mailing['facts'],
  known: Pick<SenderFacts, 'at' | 'ownDomains'>,
): SenderFacts {
  return {
    ...known,
    authentication,
    proved,
    policy,
    edited,
    forced: munge ? 'it could not go out under its author’s address' : undefined,
  };
}
