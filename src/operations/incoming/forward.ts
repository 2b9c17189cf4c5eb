import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { type List, subAddress } from '../../domain/list.ts';
import type { ListRef } from '../../domain/mailbox.ts';
import type { MailingFacts } from '../../domain/mailing.ts';
import { storeBody } from '../../store/bodies.ts';
import { loadList } from '../../store/lists.ts';
import { addDelivery, insertMailing } from '../../store/mailings.ts';
import { listOfficers } from '../../store/memberships.ts';
import { takeQuota } from '../../store/quotas.ts';
import type { Context } from '../operation.ts';
import { operatorsOf } from '../operators.ts';
import { aliasFor } from '../posting/author-alias.ts';
import { receivedValue } from './received.ts';

const hour = 3_600_000;
/** People write to owners now and then; programs that found the address write all day, and vary who they say they are. */
const forwardRates = { sender: { count: 20, ms: hour }, address: { count: 100, ms: hour } };

/** Mail for `birds-owner@`: goes to every owner as it is, under our return path. A list that its last owner left is the operators'. */
export async function forwardToOwners(
  context: Context,
  mail: CheckedMail,
  ref: ListRef,
): Promise<RecipientResult> {
  const list = await loadList(context.tx, ref.id);
  if (!list) return { kind: 'refused', code: 550, enhanced: '5.1.6', why: 'This list no longer exists.' };
  const officers = await listOfficers(context.tx, list.id);
  const owners = officers.filter((officer) => officer.role === 'owner').map((officer) => officer.email);
  const to = owners.length > 0 ? owners : operatorsOf(context.site);
  return passOnWithinRates(context, mail, { via: subAddress(list, 'owner'), to, list });
}

/** Mail for postmaster@, abuse@ and the like: goes to the people the configuration names as `operators`. */
export async function forwardToOperators(
  context: Context,
  mail: CheckedMail,
  via: string,
): Promise<RecipientResult> {
  return passOnWithinRates(context, mail, { via, to: operatorsOf(context.site) });
}

export interface Way {
  /** The address of ours that the mail came to. */
  readonly via: string;
  readonly to: readonly string[];
  /** That speaks for it. */
  readonly list?: List;
}

async function passOnWithinRates(context: Context, mail: CheckedMail, way: Way): Promise<RecipientResult> {
  if (way.to.length === 0) {
    // RFC 5321 §4.5.1 wants postmaster@ accepted, but taking mail that reaches nobody would lose it: the sender's queue keeps it.
    return {
      kind: 'refused',
      code: 451,
      enhanced: '4.3.0',
      why: 'Nobody is set up to read this address yet. Try again later',
    };
  }
  if (!(await isWithinRates(context, way.via, mail.envelopeSender))) {
    return {
      kind: 'refused',
      code: 450,
      enhanced: '4.7.1',
      why: 'This address has had too many mails lately. Try again later',
    };
  }
  return passOn(context, mail, way);
}

/** Puts a mail into the outbox for a few people, whole and under our return path; one that came back from there ends. */
export async function passOn(context: Context, mail: CheckedMail, way: Way): Promise<RecipientResult> {
  const { tx, now } = context;
  const { facts } = mail;
  if (facts.beenAt.includes(way.via))
    return { kind: 'dropped', note: `it has been through ${way.via} before` };
  const bodyId = await storeBody(tx, { sha256: facts.sha256, raw: mail.raw, now });
  const mailingId = await insertMailing(tx, {
    kind: 'forward',
    listId: way.list?.id ?? null,
    postId: null,
    bodyId,
    // A report about a report would go round for ever (RFC 5321 §4.5.5).
    returnPath: mail.envelopeSender === '' || !way.list ? 'null' : 'verp',
    priority: 'normal',
    createdAt: now,
    giveUpAt: now + 5 * 24 * hour,
    facts: await factsOf(context, mail, way),
  });
  for (const recipient of way.to) await addDelivery(tx, { mailingId, recipient, now });
  return { kind: 'passed-on', id: mailingId, note: `passed on as ${mailingId}` };
}

async function factsOf(context: Context, mail: CheckedMail, { via, list }: Way): Promise<MailingFacts> {
  const { identity } = mail.checks;
  const { authentication, policy } = identity;
  const proved = identity.class === 'verified';
  // Only for whom we know: or forgeries would fill the table.
  const author = proved ? mail.facts.author : undefined;
  const alias = list && (await aliasFor(context, { list, author, proved, policy, isForward: true }));
  return {
    via,
    trace: receivedValue(context, mail, via),
    ...(authentication && { authentication }),
    proved,
    policy,
    ...(alias !== undefined && { alias }),
  };
}

async function isWithinRates({ tx, now }: Context, via: string, sender: string): Promise<boolean> {
  return (
    (await takeQuota(tx, `forward:${via}:${sender}`, { rate: forwardRates.sender, now })) &&
    (await takeQuota(tx, `forward:${via}`, { rate: forwardRates.address, now }))
  );
}
