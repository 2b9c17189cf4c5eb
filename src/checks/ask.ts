import type { DnsAnswers, RecordType } from '../dns/resolver.ts';

/**
 * Asks DNS for one mail: throws what the resolver throws (`code` `ENOTFOUND`, `ENODATA`, `ETIMEOUT`, `ESERVFAIL`). `policy`: for a name that the From
 * alone decides about, so that nobody else's questions keep it waiting.
 */
export type Ask = <T extends RecordType>(name: string, type: T, purpose?: 'policy') => Promise<DnsAnswers[T]>;

const recordTypes: readonly string[] = ['A', 'AAAA', 'MX', 'TXT', 'PTR'] satisfies RecordType[];

/** A function as mailauth calls it, which sorts what it is given. */
export function resolverFor(ask: Ask): (name: string, type: string) => Promise<unknown> {
  return async (name, type) => {
    if (!recordTypes.includes(type))
      throw Object.assign(new Error(`${type} is not asked`), { code: 'ENODATA' });
    return [...(await ask(name, type as RecordType))];
  };
}
