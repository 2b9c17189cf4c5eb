import { findPublishedKey } from './checks/published-key.ts';
import type { TimedJob } from './deliver/schedule.ts';
import type { DnsResolver } from './dns/resolver.ts';
import type { Log } from './domain/log.ts';
import { listDkimKeys } from './operations/keys/list-dkim-keys.ts';
import type { Perform } from './operations/perform.ts';

/** Once a day somebody looks whether DNS shows the keys that sign: without its record a signature counts for nothing. */
export function watchDkimRecords({
  perform,
  resolver,
  log,
}: {
  readonly perform: Perform;
  readonly resolver: DnsResolver;
  readonly log: Log;
}): TimedJob {
  return {
    name: 'watch-dkim-records',
    every: 24 * 3_600_000,
    async run() {
      const keys = await perform(listDkimKeys, { kind: 'system' }, {});
      for (const key of keys.filter(({ state }) => state === 'active')) {
        const { kind } = await findPublishedKey(key, (name, type) => resolver.resolve(name, type));
        if (kind === 'missing' || kind === 'other')
          log.warn(
            { domain: key.domain, record: key.record.name },
            kind === 'missing'
              ? 'Mail is signed with a key that DNS does not show, so its signature counts for nothing: see “dkim show”.'
              : 'Mail is signed with another key than DNS shows, so its signature is taken for a forgery: see “dkim show”.',
          );
      }
      return false;
    },
  };
}
