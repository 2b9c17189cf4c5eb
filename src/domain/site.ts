/** The facts of this installation that rules, texts and rewrites need; made once from the configuration. */
export interface Site {
  /** EHLO name, right side of Message-IDs, authserv-id. */
  readonly hostname: string;
  /** Mail domains that are ours, lower case, A-labels; the first is the default. */
  readonly domains: readonly [string, ...string[]];
  /** No trailing slash. */
  readonly baseUrl: string;
  /** Largest message any of our addresses takes, in bytes. */
  readonly maxMessageBytes: number;
  /** How long a post is tried before it comes back as undeliverable, in milliseconds. */
  readonly giveUp: number;
  readonly limits: SiteLimits;
  /** Addresses of the people who run the site; `postmaster@` and `abuse@` reach them. */
  readonly operators: readonly string[];
  /**
   * Who finds out whether a From is true: we; the mail server in front, whose Authentication-Results are believed; or nobody (trial mode),
   * where a member's From is believed for posts and for nothing else.
   */
  readonly senderChecks: 'own' | 'front' | 'none';
  /** Domains whose ARC seal is believed when it says that DMARC passed (RFC 8617), lower case. */
  readonly trustedSealers: readonly string[];
  /** Names whose Authentication-Results are believed when a mail server in front hands them over, lower case (RFC 8601). */
  readonly trustedAuthservIds: readonly string[];
  /** How many Received fields of our own servers stand above those; absent: none. */
  readonly resultsBelow?: number;
  /** Domains whose authors are rewritten whenever their signature does not survive, whatever they ask for; lower case. */
  readonly strictDomains: readonly string[];
}

/** 0 or an absent rate switches a limit off. */
export interface SiteLimits {
  readonly postsPerSender?: Rate;
  readonly postsPerList?: Rate;
  readonly joinsPerNetwork?: Rate;
  readonly confirmationsPerAddress?: Rate;
  readonly repliesPerAddress?: Rate;
  readonly mailToStrangers?: Rate;
}

/** At most `count` events in any window of `ms` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/** Where an address of one of our lists shows its pages: `<base>/<list>`, with the domain only where there are several. */
export function listUrl(site: Site, list: { readonly name: string; readonly domain: string }): string {
  return `${site.baseUrl}/${listPath(site, list)}`;
}

export function listPath(site: Site, list: { readonly name: string; readonly domain: string }): string {
  return site.domains.length === 1 ? list.name : `${list.name}@${list.domain}`;
}
