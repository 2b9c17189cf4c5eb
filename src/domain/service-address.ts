import type { ServiceMailbox } from './mailbox.ts';

/** The addresses each of our domains has besides its lists (email.md §1.2). */
const services: ReadonlyMap<string, ServiceMailbox['kind']> = new Map([
  ['listserv', 'commands'],
  ['majordomo', 'commands'],
  ['sympa', 'commands'],
  ['mailman', 'commands'],
  ['lists', 'commands'],
  ['postmaster', 'operators'], // RFC 5321 §4.5.1: must be accepted
  ['abuse', 'operators'], // RFC 2142 §2, §4, §5: this one and the next three
  ['hostmaster', 'operators'],
  ['webmaster', 'operators'],
  ['security', 'operators'],
  ['fbl', 'operators'],
  ['dmarc', 'operators'],
  ['tlsrpt', 'operators'],
  ['mailer-daemon', 'mailer-daemon'],
  ['noreply', 'noreply'],
]);

export const serviceNames: readonly string[] = [...services.keys()];

/** What a local part in lower case means at every domain of ours; undefined when it is no service address. */
export function serviceMailbox(local: string, domain: string): ServiceMailbox | undefined {
  const kind = services.get(local);
  if (kind === undefined) return undefined;
  return kind === 'operators' ? { kind, local, domain } : { kind, domain };
}
