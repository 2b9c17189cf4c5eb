/** The parts of mailauth (pinned) that its own types leave out: without its streams, BIMI and MTA-STS, which bring 10 MB of packages. */

type MailauthResolver = (name: string, type: string) => Promise<unknown>;

declare module 'mailauth/lib/arc/index.js' {
  export interface HeaderRow {
    /** Lower case. */
    readonly key: string;
    /** Without its last line end. */
    readonly line: Buffer;
  }

  export interface ArcSet {
    readonly i: number;
    readonly 'arc-seal': { readonly parsed: { readonly d?: { readonly value?: string } } };
    readonly 'arc-authentication-results': { readonly original: Buffer };
  }

  /** In order; false: there is none. Throws where the sets make no chain. */
  export function getARChain(headers: { readonly parsed: readonly HeaderRow[] }): ArcSet[] | false;

  /** Checks every seal. */
  export function arc(
    data: {
      readonly chain: readonly ArcSet[];
      /** With the result of the newest ARC-Message-Signature. */
      readonly lastEntry: ArcSet & {
        readonly messageSignature: { readonly status: { readonly result: string } };
      };
    },
    options: { readonly resolver: MailauthResolver },
  ): Promise<{ readonly status: { readonly result: 'none' | 'pass' | 'fail' } }>;
}

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
