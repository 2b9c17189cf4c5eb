import type { HmacKeys } from '../domain/keys.ts';
import { aliasAddress, type List } from '../domain/list.ts';
import type { Mailing } from '../domain/mailing.ts';
import type { Site } from '../domain/site.ts';
import { renderHead } from '../mail/edit-head.ts';
import { needsUtf8 } from '../mail/needs-utf8.ts';
import { signToken } from '../mail/signed-token.ts';
import { personalHeaders } from '../rewrite/personal-headers.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import { readBody } from '../store/bodies.ts';
import { loadList } from '../store/lists.ts';
import { loadMailing } from '../store/mailings.ts';
import type { Db } from '../store/store.ts';
import { renderMailing } from './render.ts';
import type { WireMessage } from './transaction.ts';
import { toWireMessage } from './wire-message.ts';

/** All that the copies of a mailing share, and how each one differs. */
export interface Copies {
  readonly mailingId: number;
  readonly giveUpAt: number;
  readonly message: WireMessage;
  /** What kind of next hop they are made for. */
  readonly form: CopyForm;
  /** One copy serves several recipients: nothing in it is personal. */
  readonly shared: boolean;
  /** `several`: the transaction has more recipients than this delivery's; it is named by the first. */
  returnPath(deliveryId: number, several: boolean): string;
  /** Fields that go on top of the message of one recipient. */
  personalHead(membershipId: number | null): string;
}

export interface CopyParts {
  readonly keys: HmacKeys;
  readonly site: Site;
  /** For lists whose own setting is `auto`. */
  readonly personalize: 'auto' | 'always' | 'never';
}

/** Larger posts to longer lists go out as shared copies, where nobody decided otherwise (email.md §5.8). */
const sharedAboveBytes = 1024 * 1024;
const sharedAboveMembers = 200;

const emptyLine = Buffer.from('\r\n');

/** Reads a mailing and renders what its copies share. Throws when it cannot be sent at all, with the reason. */
export async function prepareCopies(
  db: Db,
  mailingId: number,
  parts: CopyParts,
  form: CopyForm = 'full',
): Promise<Copies> {
  const mailing = await loadMailing(db, mailingId);
  if (!mailing) throw new Error('The mailing is gone.');
  const raw = await readBody(db, mailing.bodyId);
  if (!raw) throw new Error('The message is gone.');
  const list = mailing.listId === null ? undefined : await loadList(db, mailing.listId);
  const shared = isShared(mailing, list, raw.length, parts.personalize);
  const { head, body } = renderMailing(mailing, list, raw, {
    site: parts.site,
    shared,
    alias: aliasOf(mailing, list, parts.keys),
    ownDomains: parts.site.domains,
    form,
  });
  return {
    mailingId,
    form,
    giveUpAt: mailing.giveUpAt,
    message: toWireMessage([renderHead(head), emptyLine, body], needsUtf8(head)),
    shared,
    returnPath: returnPathOf(mailing, list, parts.keys),
    personalHead: shared ? () => '' : personalHeadOf(mailing, list, parts),
  };
}

function isShared(
  mailing: Mailing,
  list: List | undefined,
  bytes: number,
  siteSetting: CopyParts['personalize'],
): boolean {
  if (mailing.kind !== 'post' || !list) return false;
  const wish = list.settings.personalize === 'auto' ? siteSetting : list.settings.personalize;
  if (wish !== 'auto') return wish === 'never';
  const many = mailing.growing || mailing.deliveries > sharedAboveMembers;
  return many && bytes > sharedAboveBytes;
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
  if (mailing.kind !== 'post' || !list) return () => '';
  const headers = personalHeaders(list, site, mailing.facts.number ?? 0);
  return (membershipId) => {
    if (membershipId === null) return '';
    const leaveLinkToken = signToken(keys, 'leave', membershipId, 23);
    // The shorter token is the beginning of the longer one: id and fewer bits of the same seal.
    const leaveAddressToken = leaveLinkToken.slice(0, 15);
    return headers({ leaveAddressToken, leaveLinkToken });
  };
}
