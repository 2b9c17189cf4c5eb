import type { DnsResolver } from '../dns/resolver.ts';
import type { Authentication } from '../domain/authentication.ts';
import { unchecked } from '../domain/checks.ts';
import type { Identity } from '../domain/identity.ts';
import type { CheckedMail, IncomingMail } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import type { Site } from '../domain/site.ts';
import { findAttachments } from '../mail/attachment-dangers.ts';
import { readFrontResults } from '../mail/front-results.ts';
import { readHead } from '../mail/headers.ts';
import { identify } from '../policy/identify.ts';
import type { AuthenticationQuestion } from './authenticate.ts';
import { createCheckPool, type PoolResult } from './check-pool.ts';
import { createRspamd } from './rspamd.ts';

/** Finds out all that the rules need to know of a mail and that may take time: before the transaction, never in it. */
export interface MailChecks {
  /** Rejects only for a fault of ours: whatever DNS, rspamd or the mail itself do becomes part of the result. */
  check(mail: IncomingMail): Promise<CheckedMail>;
  close(): Promise<void>;
}

export interface ChecksOptions {
  readonly site: Pick<
    Site,
    'hostname' | 'senderChecks' | 'trustedSealers' | 'trustedAuthservIds' | 'resultsBelow'
  >;
  /** checks.rspamd; '': none. */
  readonly rspamd: string;
  readonly resolver: DnsResolver;
  readonly log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Worker threads at most. */
  readonly threads: number;
  /** What each may keep in memory, in MiB. Default 128. */
  readonly heapLimit?: number;
}

/** Larger mail is searched for attachments in a thread, even where nothing else is to be done there. */
const searchedHere = 64 * 1024;

export function createChecks(options: ChecksOptions): MailChecks {
  const { site, resolver, log, now, threads, heapLimit } = options;
  const { trustedAuthservIds: trustedIds, resultsBelow: below } = site;
  const pool = createCheckPool({ resolver, threads, ...(heapLimit && { heapLimit }) });
  const rspamd = options.rspamd ? createRspamd({ url: options.rspamd, log, now }) : undefined;

  /** RFC 8601 §5: believed from nobody but the server in front. */
  function askFront(mail: IncomingMail): Authentication | undefined {
    if (trustedIds.length === 0 || !mail.peer.trusted) return undefined;
    return readFrontResults(readHead(mail.raw), { trustedIds, below, domain: domainOf(mail) });
  }

  async function lookInto(
    mail: IncomingMail,
    { front, open }: { readonly front: Authentication | undefined; readonly open: OpenQuestion },
  ): Promise<PoolResult> {
    if (open === 'nothing' && mail.raw.length <= searchedHere)
      return { kind: 'checked', attachments: findAttachments(mail.raw) };
    const result = await pool.check(mail.raw, {
      ...(open === 'who-sent-it' ? { authentication: questionOf(mail, options) } : {}),
      ...(open === 'policy' ? { owner: { domain: domainOf(mail), dkim: front?.dkim ?? [] } } : {}),
      attachments: true,
    });
    if (result.kind === 'unchecked')
      log.warn(
        { ip: mail.peer.ip, messageId: mail.facts.messageId, why: result.why },
        'a mail was not checked',
      );
    return result;
  }

  return {
    async check(mail) {
      const front = askFront(mail);
      const open = openQuestion(site.senderChecks, front, domainOf(mail));
      const [result, spam] = await Promise.all([lookInto(mail, { front, open }), rspamd?.judge(mail)]);
      const found = findings(front, result);
      return {
        ...mail,
        checks: {
          identity: conclude(mail, { found, result, site }),
          ...(result.kind === 'checked'
            ? { attachments: result.attachments }
            : { attachments: [], unread: result.why }),
          ...(spam ? { spam } : {}),
        },
      };
    },
    async close() {
      rspamd?.close();
      await pool.close();
    },
  };
}

/** What DNS has to be asked for. Rewriting wants to know the policy, which not every server in front writes down (email.md §5.4). */
type OpenQuestion = 'who-sent-it' | 'policy' | 'nothing';

function openQuestion(
  checkers: Site['senderChecks'],
  front: Authentication | undefined,
  domain: string,
): OpenQuestion {
  if (front) return front.dmarc.policy === 'unknown' || mayBeAligned(front, domain) ? 'policy' : 'nothing';
  if (checkers === 'own') return 'who-sent-it';
  return checkers === 'front' ? 'policy' : 'nothing';
}

/** A signature of a domain above or below the author's: whether it speaks for them, their owner says (RFC 7489 §3.1.1). */
function mayBeAligned({ dkim }: Authentication, domain: string): boolean {
  return dkim.some(
    (found) =>
      found.result === 'pass' &&
      !found.aligned &&
      found.domain !== '' &&
      (domain.endsWith(`.${found.domain}`) || found.domain.endsWith(`.${domain}`)),
  );
}

function findings(front: Authentication | undefined, result: PoolResult): Authentication | undefined {
  if (result.kind === 'unchecked') return front;
  const { owner } = result;
  if (!front || !owner) return front ?? result.authentication;
  const { dmarc, dkim } = front;
  const policy = dmarc.policy === 'unknown' ? owner.policy : dmarc.policy;
  return { ...front, dmarc: { ...dmarc, policy }, dkim: owner.dkim ?? dkim };
}

interface Findings {
  readonly found: Authentication | undefined;
  readonly result: PoolResult;
  readonly site: ChecksOptions['site'];
}

function conclude(mail: IncomingMail, { found, result, site }: Findings): Identity {
  if (!found && site.senderChecks === 'none') return unchecked.identity;
  if (!found && site.senderChecks === 'front')
    return {
      ...unchecked.identity,
      why: 'the mail server in front does not say who sent it',
      policy: (result.kind === 'checked' && result.owner?.policy) || 'unknown',
    };
  if (result.kind === 'unchecked' && !found)
    // A machine that has too much to do cannot be told from a mail that is too much for it: it may come again.
    return {
      ...unchecked.identity,
      why: `it could not be checked: ${result.why}`,
      policy: 'unknown',
      temporary: true,
    };
  return identify(mail.facts.author, found, {
    trustedSealers: site.trustedSealers,
    clientKnown: isClientKnown(mail),
  });
}

function questionOf(mail: IncomingMail, { site, now }: ChecksOptions): AuthenticationQuestion {
  return {
    domain: domainOf(mail),
    clientIp: isClientKnown(mail) ? mail.peer.ip : '',
    helo: mail.peer.helo,
    envelopeSender: mail.envelopeSender,
    hostname: site.hostname,
    now: now(),
  };
}

/** A server in front has an address of its own; only XCLIENT tells the one behind it. */
function isClientKnown({ peer }: IncomingMail): boolean {
  return !peer.trusted || peer.clientTold === true;
}

function domainOf({ facts }: IncomingMail): string {
  const email = facts.author?.email ?? '';
  return email.slice(email.lastIndexOf('@') + 1);
}
