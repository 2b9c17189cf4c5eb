/**
 * What SPF, DKIM, DMARC and ARC say of one mail (RFC 7208, 6376, 7489, 8617): the facts, before anybody draws a conclusion. Found once,
 * before the rules run; kept with a held post.
 */
export interface Authentication {
  /** Who looked: we, or the mail server in front whose Authentication-Results we believe (RFC 8601). */
  readonly by: { readonly kind: 'ourselves' } | { readonly kind: 'front-mta'; readonly authservId: string };
  readonly spf: { readonly result: SpfResult /** Of MAIL FROM, else of EHLO. */; readonly domain: string };
  readonly dkim: readonly DkimResult[];
  readonly dmarc: DmarcResult;
  readonly arc: ArcResult;
}

export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';

export interface DkimResult {
  readonly result: 'pass' | 'fail' | 'neutral' | 'policy' | 'temperror' | 'permerror';
  /** d=, lower case A-labels. */
  readonly domain: string;
  /** s=; '' where a server in front does not say. */
  readonly selector: string;
  /** It speaks for the From's domain, as strictly as that wants (RFC 7489 §3.1.1). */
  readonly aligned?: boolean;
}

export interface DmarcResult {
  readonly result: 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';
  /** The From domain that was judged; '' where there is none. */
  readonly domain: string;
  readonly policy: AskedPolicy;
  /** SPF or DKIM passed for the From's organizational domain (relaxed alignment), whether or not DMARC is published. */
  readonly aligned: { readonly spf: boolean; readonly dkim: boolean };
}

export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/**
 * What the owner of a domain asks for (p=, or sp= where it applies); `none` also where nothing is published. `unknown`: DNS did not
 * answer, or nobody got to ask.
 */
export type AskedPolicy = DmarcPolicy | 'unknown';

export interface ArcResult {
  readonly result: 'none' | 'pass' | 'fail';
  /** d= of the newest seal, when the chain passes. */
  readonly sealer?: string;
  /** That sealer says the author's DMARC passed where it received the mail. */
  readonly dmarcPassed: boolean;
}
