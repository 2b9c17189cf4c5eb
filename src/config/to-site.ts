import type { Rate, Site } from '../domain/site.ts';
import type { Config } from './schema.ts';

/** The facts of the installation that every layer may see. */
export function toSite(config: Config): Site {
  const { limits } = config;
  return {
    hostname: config.hostname,
    domains: config.domains,
    baseUrl: config.base_url,
    maxMessageBytes: config.smtp.max_size,
    giveUp: config.delivery.give_up,
    operators: config.operators,
    senderChecks: senderChecks(config),
    trustedSealers: config.checks.trusted_sealers,
    trustedAuthservIds: config.smtp.trusted_authserv_ids.map((id) => id.toLowerCase()),
    resultsBelow: config.smtp.trusted_results_below,
    strictDomains: config.dmarc.rewrite_always_from,
    limits: {
      ...rate('postsPerSender', limits.posts_per_sender),
      ...rate('postsPerList', limits.posts_per_list),
      ...rate('joinsPerNetwork', limits.joins_per_network),
      ...rate('confirmationsPerAddress', limits.confirmations_per_address),
      ...rate('repliesPerAddress', limits.replies_per_address),
      ...rate('mailToStrangers', limits.mail_to_strangers),
    },
  };
}

function senderChecks({ checks, smtp }: Config): Site['senderChecks'] {
  if (checks.spf_dkim_dmarc) return 'own';
  return smtp.trusted_authserv_ids.length > 0 ? 'front' : 'none';
}

function rate<K extends string>(name: K, value: Rate | 'off'): Partial<Record<K, Rate>> {
  return value === 'off' ? {} : ({ [name]: value } as Record<K, Rate>);
}
