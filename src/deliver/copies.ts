import type { HmacKeys } from '../domain/keys.ts';
import { aliasAddress, type List } from '../domain/list.ts';
import type { Mailing } from '../domain/mailing.ts';
import { sharesCopies } from '../domain/shared-copies.ts';
import type { Site } from '../domain/site.ts';
import { createDkimSigner, type SignCopies } from '../mail/dkim-sign.ts';
import { readHead } from '../mail/headers.ts';
import { signToken } from '../mail/signed-token.ts';
import type { SigningKey } from '../mail/signing-key.ts';
import { type Filling, fillingOf } from '../mail/template.ts';
import { personalHeaders } from '../rewrite/personal-headers.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import { signingDomains } from '../rewrite/signing-domain.ts';
import { readBody } from '../store/bodies.ts';
import { loadList } from '../store/lists.ts';
import { loadMailing } from '../store/mailings.ts';
import type { Db, Store } from '../store/store.ts';
import type { KeyName, Keyring } from './keyring.ts';
import { orderCopy } from './order-copy.ts';
import type { WireMessage } from './transaction.ts';

/** All that the copies of a mailing share, and how each one differs. */
export interface Copies {
  readonly mailingId: number;
  readonly giveUpAt: number;
  readonly message: WireMessage;
  /** What kind of next hop they are made for. */
  readonly form: CopyForm;
  /** The keys that have made its seal and make its signatures. */
  readonly keys: readonly KeyName[];
  /** One copy serves several recipients: nothing in it is personal. */
  readonly shared: boolean;
  /** `several`: the transaction has more recipients than this delivery's; it is named by the first. */
  returnPath(deliveryId: number, several: boolean): string;
  /** Fields that go on top of the message of one recipient. */
  personalHead(membershipId: number | null): Filling;
  /**
   * Resolves with the DKIM-Signature fields of copies with these personal heads, CRLF at the end of each line, to go on top of them.
   * Undefined where no copy has a signature of its own: there is none, or the message has it.
   */
  readonly sign: SignCopies | undefined;
}

export interface CopyParts {
  readonly keys: HmacKeys;
  readonly site: Site;
  /** For lists whose own setting is `auto`. */
  readonly personalize: 'auto' | 'always' | 'never';
  /** Whether mail gets a DKIM signature, and what we pass on an ARC set. */
  readonly signs: boolean;
  readonly seals: boolean;
  readonly keyring: Keyring;
}

/** Reads a mailing, renders what its copies share, and seals it. Throws when it cannot be sent at all, with the reason. */
export async function prepareCopies(
  store: Pick<Store, 'read'>,
  mailingId: number,
  parts: CopyParts,
  form: CopyForm = 'full',
): Promise<Copies> {
  const stored = await store.read((db) => readMailing(db, mailingId, parts));
  const { mailing, list, raw } = stored;
  const { site, keys, signs, seals } = parts;
  const shared = isShared(mailing, list, raw.length, parts.personalize);
  const alias = aliasOf(mailing, list, keys);
  const { message, toSign, ...made } = await orderCopy({
    ...stored,
    ...{ site, home: homeOf(list, site), shared, alias, form, signs, seals },
  });
  return {
    mailingId,
    form,
    keys: made.keys,
    giveUpAt: mailing.giveUpAt,
    message,
    shared,
    returnPath: returnPathOf(mailing, list, keys),
    personalHead: shared ? () => nothingPersonal : personalHeadOf(mailing, list, parts),
    sign: toSign && createDkimSigner(toSign, { keys: toSign.keys, at: mailing.createdAt, urgent: false }),
  };
}

const nothingPersonal = fillingOf('');

interface StoredMailing {
  readonly mailing: Mailing;
  readonly list: List | undefined;
  readonly raw: Buffer;
  readonly signing: ReadonlyMap<string, readonly SigningKey[]>;
}

async function readMailing(db: Db, mailingId: number, parts: CopyParts): Promise<StoredMailing> {
  const mailing = await loadMailing(db, mailingId);
  if (!mailing) throw new Error('The mailing is gone.');
  const raw = await readBody(db, mailing.bodyId);
  if (!raw) throw new Error('The message is gone.');
  const list = mailing.listId === null ? undefined : await loadList(db, mailing.listId);
  const signing =
    parts.signs || parts.seals
      ? await parts.keyring.keysOf(db, signingDomains(homeOf(list, parts.site), readHead(raw), parts.site))
      : new Map<string, readonly SigningKey[]>();
  return { mailing, list, raw, signing };
}

/** The mail domain that a mailing speaks for. */
function homeOf(list: List | undefined, site: Site): string {
  return list?.domain ?? site.domains[0];
}

function isShared(
  mailing: Mailing,
  list: List | undefined,
  bytes: number,
  siteSetting: CopyParts['personalize'],
): boolean {
  if (mailing.kind !== 'post' || !list) return false;
  const recipients = mailing.growing ? Number.POSITIVE_INFINITY : mailing.deliveries;
  return sharesCopies({ list: list.settings.personalize, site: siteSetting }, { bytes, recipients });
}

function returnPathOf(mailing: Mailing, list: List | undefined, keys: HmacKeys): Copies['returnPath'] {
  if (mailing.returnPath === 'null' || !list) return () => '';
  const { name, domain } = list;
  return (deliveryId, several) =>
    `${name}-bounces+${signToken(keys, several ? 'batch' : 'bounce', deliveryId)}@${domain}`;
}

/** Made anew each time, with the list's name of today: the id in it stays what it was. */
function aliasOf({ facts }: Mailing, list: List | undefined, keys: HmacKeys): string | undefined {
  return list && facts.alias !== undefined
    ? aliasAddress(list, signToken(keys, 'alias', facts.alias))
    : undefined;
}

function personalHeadOf(
  mailing: Mailing,
  list: List | undefined,
  { keys, site }: CopyParts,
): Copies['personalHead'] {
  if (mailing.kind !== 'post' || !list) return () => nothingPersonal;
  const headers = personalHeaders(list, site, mailing.facts.number ?? 0);
  return (membershipId) => {
    if (membershipId === null) return nothingPersonal;
    const leaveLinkToken = signToken(keys, 'leave', membershipId, 23);
    // The shorter token is the beginning of the longer one: id and fewer bits of the same seal.
    const leaveAddressToken = leaveLinkToken.slice(0, 15);
    return headers({ leaveAddressToken, leaveLinkToken });
  };
}
