import type { List } from '../domain/list.ts';
import type { Mailing } from '../domain/mailing.ts';
import type { Site } from '../domain/site.ts';
import type { Signable } from '../mail/dkim-sign.ts';
import { renderHead } from '../mail/edit-head.ts';
import { needsUtf8 } from '../mail/needs-utf8.ts';
import type { SigningKey } from '../mail/signing-key.ts';
import { discard } from '../mail/thread-bytes.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import { signersOf } from '../rewrite/signing-domain.ts';
import type { KeyName } from './keyring.ts';
import { type Outgoing, renderMailing } from './render.ts';
import { type Seals, sealMailing } from './seal.ts';
import type { WireMessage } from './transaction.ts';
import { toWireMessageInTurns } from './wire-message.ts';

/** All that decides what the copies of a mailing share. Data and nothing else, for it may go to another thread. */
export interface CopyOrder {
  readonly mailing: Mailing;
  readonly list: List | undefined;
  /** As stored; whoever makes the copy discards it. */
  readonly raw: Buffer;
  readonly site: Site;
  /** The mail domain that the mailing speaks for. */
  readonly home: string;
  /** A copy goes to several recipients at once. */
  readonly shared: boolean;
  /** `birds-from+TOKEN@…` of the mailing's author, where there is one. */
  readonly alias: string | undefined;
  readonly form: CopyForm;
  /** Whether it gets a DKIM signature, and what we pass on an ARC set. */
  readonly signs: boolean;
  readonly seals: boolean;
  /** The keys that there are, by their domains. */
  readonly signing: ReadonlyMap<string, readonly SigningKey[]>;
}

/** What the copies of a mailing share: data, too. */
export interface SharedCopy {
  readonly message: WireMessage;
  /** The keys that have made its seal and make its signatures. */
  readonly keys: readonly KeyName[];
  /** What the signature of each copy is made of, where each has its own. */
  readonly toSign: (Signable & { readonly keys: readonly SigningKey[] }) | undefined;
}

/** Renders what the copies share, seals it, and makes it ready for the wire. Throws where it cannot be sent at all, with the reason. */
export async function makeCopy(order: CopyOrder): Promise<SharedCopy> {
  const { mailing, list, site, shared } = order;
  const outgoing = renderMailing(mailing, list, order.raw, {
    site,
    shared,
    alias: order.alias,
    // Where somebody else signs for us, they do it for all.
    ownDomains: order.signs ? [...order.signing.keys()] : site.domains,
    form: order.form,
  });
  // Two of them in memory at a time are enough.
  if (outgoing.body.buffer !== order.raw.buffer) discard(order.raw);
  const signers = keysFor(order, outgoing);
  const { head, toSign } = await sealMailing(mailing, outgoing, {
    hostname: site.hostname,
    ...signers,
    personal: mailing.kind === 'post' && !shared,
    hasAuthor: mailing.kind === 'forward' || (mailing.kind === 'post' && !list?.settings.anonymous),
  });
  const message = await toWireMessageInTurns([renderHead(head), emptyLine, outgoing.body], needsUtf8(head));
  discard(outgoing.body);
  return {
    message,
    keys: [...signers.dkim, ...(signers.arc ? [signers.arc] : [])].map(({ domain, selector }) => ({
      domain,
      selector,
    })),
    toSign: toSign && { ...toSign, keys: signers.dkim },
  };
}

const emptyLine = Buffer.from('\r\n');

function keysFor(order: CopyOrder, { head, fromIs }: Outgoing): Pick<Seals, 'dkim' | 'arc'> {
  const { mailing, signing, home, site } = order;
  const mail = { head, fromIs, proved: mailing.facts.proved ?? false };
  return {
    dkim: order.signs ? signersOf(mail, signing, { home, site }) : [],
    arc: order.seals ? signing.get(home)?.[0] : undefined,
  };
}
