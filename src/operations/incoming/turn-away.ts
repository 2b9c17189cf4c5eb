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
  const { identity } = mail.checks;
  return mayBeDisowned(identity) && (await isProofPending(context, mail))
    ? refused(451, '4.4.3', `${identity.why}; a later try may tell more. Try again later`)
    : undefined;
}

function refused(code: 550 | 451, enhanced: string, why: string): RecipientResult {
  return { kind: 'refused', code, enhanced, why };
}
