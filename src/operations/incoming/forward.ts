import type { Address } from '../../domain/address.ts';
import type { IncomingMail, RecipientResult } from '../../domain/incoming.ts';
import { type List, subAddress } from '../../domain/list.ts';
import type { ListRef } from '../../domain/mailbox.ts';
import { storeBody } from '../../store/bodies.ts';
import { loadList } from '../../store/lists.ts';
import { addDelivery, insertMailing } from '../../store/mailings.ts';
import { listOfficers } from '../../store/memberships.ts';
import { takeQuota } from '../../store/quotas.ts';
import type { Context } from '../operation.ts';
import { operatorsOf } from '../operators.ts';
import { receivedValue } from './received.ts';

const hour = 3_600_000;
/** People write to owners now and then; programs that found the address write all day, and vary who they say they are. */
const forwardRates = { sender: { count: 20, ms: hour }, address: { count: 100, ms: hour } };

/** Mail for `birds-owner@`: goes to every owner as it is, under our return path. A list that its last owner left is the operators'. */
export async function forwardToOwners(
  context: Context,
  mail: IncomingMail,
  ref: ListRef,
): Promise<RecipientResult> {
  const list = await loadList(context.tx, ref.id);
  if (!list) return { kind: 'refused', code: 550, enhanced: '5.1.6', why: 'This list no longer exists.' };
  const officers = await listOfficers(context.tx, list.id);
  const owners = officers.filter((officer) => officer.role === 'owner').map((officer) => officer.email);
  const to = owners.length > 0 ? owners : operatorsOf(context.site);
  return forward(context, mail, { via: subAddress(list, 'owner'), to, list });
}

/** Mail for postmaster@, abuse@ and the like: goes to the people the configuration names as `operators`. */
export async function forwardToOperators(
  context: Context,
  mail: IncomingMail,
  via: string,
): Promise<RecipientResult> {
  return forward(context, mail, { via, to: operatorsOf(context.site) });
}

async function forward(
  context: Context,
  mail: IncomingMail,
  way: { via: string; to: readonly Address[]; list?: List },
): Promise<RecipientResult> {
  const { tx, now } = context;
  const { facts } = mail;
  if (way.to.length === 0) {
    // RFC 5321 §4.5.1 wants postmaster@ accepted, but taking mail that reaches nobody would lose it: the sender's queue keeps it.
    return {
      kind: 'refused',
      code: 451,
      enhanced: '4.3.0',
      why: 'Nobody is set up to read this address yet. Try again later',
    };
  }
  if (facts.beenAt.includes(way.via))
    return { kind: 'dropped', note: `it has been through ${way.via} before` };
  if (!(await isWithinRates(context, way.via, mail.envelopeSender))) {
    return {
      kind: 'refused',
      code: 450,
      enhanced: '4.7.1',
      why: 'This address has had too many mails lately. Try again later',
    };
  }
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
    facts: { via: way.via, trace: receivedValue(context, mail, way.via) },
  });
  for (const recipient of way.to) await addDelivery(tx, { mailingId, recipient, now });
  return { kind: 'accepted', id: mailingId, note: `passed on as ${mailingId}` };
}

async function isWithinRates({ tx, now }: Context, via: string, sender: string): Promise<boolean> {
  return (
    (await takeQuota(tx, `forward:${via}:${sender}`, { rate: forwardRates.sender, now })) &&
    (await takeQuota(tx, `forward:${via}`, { rate: forwardRates.address, now }))
  );
}
