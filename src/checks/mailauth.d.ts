/** The parts of mailauth (pinned) that its own types leave out: without its streams, BIMI and MTA-STS, which bring 10 MB of packages. */

type MailauthResolver = (name: string, type: string) => Promise<unknown>;

declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  export interface HeaderRow {
    /** Lower case. */
    readonly key: string;
    readonly casedKey: string;
    /** Without its last line end. */
    readonly line: Buffer;
  }

  export interface SignatureResult {
    readonly signingDomain?: string;
    readonly selector?: string;
    /** b=, without white space. */
    readonly signature?: string;
    /** a= as it was written. */
    readonly algo?: string;
    readonly signingHeaders?: { readonly keys: string };
    readonly status: {
      readonly result: 'pass' | 'fail' | 'neutral' | 'none' | 'policy' | 'temperror';
      /** Octets of the body that l= leaves open. */
      readonly underSized?: number;
    };
    /** The key record, without white space. */
    readonly rr?: string;
  }

  /** What `arc()` of mailauth/lib/arc takes. */
  export interface ArcChain {
    readonly chain: readonly unknown[] | false;
    readonly error?: Error;
    readonly lastEntry?: {
      readonly i: number;
      readonly 'arc-seal': { readonly parsed: { readonly d?: { readonly value?: string } } };
      readonly 'arc-authentication-results': { readonly original: Buffer };
      readonly messageSignature?: SignatureResult;
    };
  }

  export class DkimVerifier {
    constructor(options: {
      readonly resolver: MailauthResolver;
      /** Keeps it from reading Return-Path. */
      readonly sender: string;
      readonly curTime: Date;
      readonly minBitLength?: number;
    });
    readonly results: readonly SignatureResult[];
    readonly arc: ArcChain;
    readonly bodyHashes: ReadonlyMap<string, { readonly mimeStructureStartFinder: { boundary?: string } }>;
    messageHeaders(headers: { readonly parsed: readonly HeaderRow[] }): Promise<void>;
    nextChunk(body: Buffer): Promise<void>;
    finalChunk(): Promise<void>;
  }
}

declare module 'mailauth/lib/arc/index.js' {
  import type { ArcChain } from 'mailauth/lib/dkim/dkim-verifier.js';

  export function arc(
    data: ArcChain,
    options: { readonly resolver: MailauthResolver; readonly minBitLength?: number },
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
