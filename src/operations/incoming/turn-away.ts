import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { mayBeDisowned } from '../../policy/identity.ts';
import type { Context } from '../operation.ts';
import { isProofPending } from '../posting/await-proof.ts';

/**
 * Mail that its own domain disowns, or that the spam filter marks, gives no commands and gets no answer, nor does anybody get one because
 * of it (email.md §2.6). Whoever sent it hears so in the dialogue. Undefined: it may be answered.
 */
export function turnAway({ checks }: Pick<CheckedMail, 'checks'>): RecipientResult | undefined {
  const { identity, spam } = checks;
  if (identity.class === 'failed') {
    return refused(
      550,
      '5.7.1',
      `Nothing is done in the name of this From: ${identity.why}. Send it through its own mail server`,
    );
  }
  switch (spam?.action) {
    case undefined:
    case 'accept':
      return undefined;
    case 'later':
      return refused(451, '4.7.1', 'The spam filter wants to see it once more. Try again later');
    case 'mark':
    case 'reject':
      return refused(550, '5.7.1', 'The spam filter takes it for spam, so nothing in it is done');
  }
}

/** The same for mail to people: it is kept from them only where the domain asks for that, or the filter is sure. */
export function turnAwayFromPeople(mail: Pick<CheckedMail, 'checks'>): RecipientResult | undefined {
  const { identity, spam } = mail.checks;
  const disowned = identity.class === 'failed' && identity.policy === 'reject';
  return disowned || spam?.action === 'reject' || spam?.action === 'later' ? turnAway(mail) : undefined;
}

/** It comes again, for hours at most, while DNS may yet tell that its domain wants it kept from people (email.md §4.3). */
export async function askForProof(context: Context, mail: CheckedMail): Promise<RecipientResult | undefined> {
  return mayBeDisowned(mail.checks.identity) ? askToComeAgain(context, mail) : undefined;
}

/** It comes again, for hours at most, while DNS may yet tell who wrote it. */
export async function askToComeAgain(
  context: Context,
  mail: CheckedMail,
): Promise<RecipientResult | undefined> {
  return (await isProofPending(context, mail))
    ? refused(451, '4.4.3', `${mail.checks.identity.why}; a later try may tell more. Try again later`)
    : undefined;
}

/**
 * The same where one among several recipients asks for it. Found out before anything is done for the others: what is thrown away again because one
 * has to wait (accept-mail.ts) counts nothing, so the hours would never be over.
 */
export async function askForProofAmong(
  context: Context,
  mail: CheckedMail,
): Promise<RecipientResult | undefined> {
  if (mail.recipients.length === 1) return undefined;
  const kinds = new Set(mail.recipients.map(({ mailbox }) => mailbox.kind));
  const isReport = mail.envelopeSender === '' && mail.facts.report;
  const isAutomatic = mail.envelopeSender === '' || mail.facts.automatic !== undefined;
  if (kinds.has('author-alias') && !isAutomatic && !turnAway(mail)) return askToComeAgain(context, mail);
  return kinds.has('owner') && !isReport && !turnAwayFromPeople(mail)
    ? askForProof(context, mail)
    : undefined;
}

function refused(code: 550 | 451, enhanced: string, why: string): RecipientResult {
  return { kind: 'refused', code, enhanced, why };
}
