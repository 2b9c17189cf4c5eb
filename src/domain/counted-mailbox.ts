import { type Address, domainPart, localPart } from './address.ts';

/**
 * What a limit "per address" counts: `ana+1@example.com` and `ana+2@example.com` arrive in one mailbox, whose owner would have all the
 * mails. At Google a dot makes no other mailbox either. Two people who share an allowance by mistake only wait a little longer.
 */
export function countedMailbox(email: Address): string {
  const domain = domainPart(email);
  const [base = ''] = localPart(email).split('+');
  const isGoogle = domain === 'gmail.com' || domain === 'googlemail.com';
  return isGoogle ? `${base.replaceAll('.', '')}@gmail.com` : `${base}@${domain}`;
}
