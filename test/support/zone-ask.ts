import type { Ask } from '../../src/checks/ask.ts';
import { DnsError, type DnsErrorCode } from '../../src/dns/resolver.ts';

/** What is said about a name, by type of record; an error code is thrown. */
export type ZoneTable = Readonly<Record<string, Readonly<Record<string, readonly unknown[] | DnsErrorCode>>>>;

/** Answers out of a table, for tests that want no sockets: `{ 'example.org': { TXT: [['v=spf1 -all']] } }`. */
export function askTable(table: ZoneTable): Ask {
  const names = new Map(Object.entries(table).map(([name, records]) => [name.toLowerCase(), records]));
  return async (name, type) => {
    const records = names.get(name.toLowerCase().replace(/\.$/, ''));
    const found = records?.[type];
    if (typeof found === 'string') throw new DnsError(found, name);
    if (!found?.length) throw new DnsError(records ? 'ENODATA' : 'ENOTFOUND', name);
    return found as never;
  };
}
