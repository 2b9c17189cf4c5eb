/** The parts of mailauth (pinned) that its own types leave out: without its streams, BIMI and MTA-STS, which bring 10 MB of packages. */

type MailauthResolver = (name: string, type: string) => Promise<unknown>;

declare module 'mailauth/lib/spf/index.js' {
  export function spf(options: {
    readonly sender: string;
    readonly ip: string;
    readonly helo: string;
    readonly mta: string;
    readonly resolver: MailauthResolver;
  }): Promise<{
    readonly domain: string;
    readonly status: {
      readonly result: 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';
    };
  }>;
}

declare module 'mailauth/lib/tools.js' {
  /** The first of the domains that shares its organizational domain, by the Public Suffix List; false: none does. */
  export function getAlignment(
    domain: string,
    domains: readonly string[],
  ): { readonly domain: string } | false;
}
