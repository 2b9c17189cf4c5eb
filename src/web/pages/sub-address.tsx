import type { ListPage } from '../../operations/lists/show-list-page.ts';
import { MailLink } from './mail-link.tsx';

interface SubAddressProps {
  /** Undefined for one that is not public: its address as it is made. */
  readonly list: ListPage | undefined;
  /** With its hyphen; '' is the list itself. */
  readonly suffix: string;
  readonly subject?: string;
}

/** An address of a list that does something (email.md §1). */
export function SubAddress({ list, suffix, subject }: SubAddressProps) {
  if (!list) return <>{`LIST${suffix}@DOMAIN`}</>;
  const [name, domain] = list.address.split('@');
  return <MailLink to={`${name}${suffix}@${domain}`} {...(subject !== undefined && { subject })} />;
}
