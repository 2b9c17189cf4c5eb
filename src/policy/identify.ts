import type { Authentication } from '../domain/authentication.ts';
import type { Identity, IdentityClass } from '../domain/identity.ts';
import type { Author } from '../domain/incoming.ts';

export interface IdentifyContext {
  /** Domains whose ARC seal is believed, lower case. */
  readonly trustedSealers: readonly string[];
  /** False behind a front MTA that did not tell the sender's address: SPF could not be judged. */
  readonly clientKnown: boolean;
}

/** How sure we are that the author wrote it (email.md §4.3); `authentication` is absent where nobody looked. */
export function identify(
  author: Author | undefined,
  authentication: Authentication | undefined,
  context: IdentifyContext,
): Identity {
  if (!author) return say('unverified', 'its From field does not name exactly one author', authentication);
  if (!authentication) return say('unverified', 'nobody has checked who sent it', undefined);
  const domain = author.email.slice(author.email.lastIndexOf('@') + 1);
  const { dmarc, arc } = authentication;
  if (dmarc.domain !== domain) {
    const why = dmarc.domain
      ? `the checks judged ${dmarc.domain}, and its From is of ${domain}`
      : `the checks say nothing about ${domain}`;
    return { ...say('unverified', why, authentication), temporary: dmarc.result === 'temperror' };
  }
  const proof = findProof(authentication, domain);
  if (proof) return say('verified', proof, authentication);
  if (arc.result === 'pass' && arc.dmarcPassed && arc.sealer && context.trustedSealers.includes(arc.sealer))
    return say(
      'verified',
      `${arc.sealer} passed it on and says that ${domain} was proved there`,
      authentication,
    );
  return doubt(authentication, domain, context);
}

/** DMARC passes, or there is none and SPF or DKIM speaks for the From's domain. */
function findProof({ by, dmarc, spf, dkim }: Authentication, domain: string): string | undefined {
  const { result, aligned } = dmarc;
  if (result !== 'pass' && !(result === 'none' && (aligned.dkim || aligned.spf))) return undefined;
  if (by.kind === 'front-mta') return `${by.authservId} says that it comes from ${domain}`;
  const signer = dkim.find((signature) => signature.result === 'pass' && related(signature.domain, domain));
  return aligned.dkim
    ? `it is signed by ${signer?.domain ?? domain} (DKIM)`
    : `${spf.domain} lets that server send its mail (SPF)`;
}

function doubt(authentication: Authentication, domain: string, { clientKnown }: IdentifyContext): Identity {
  const { by, dmarc, spf } = authentication;
  switch (dmarc.result) {
    case 'temperror':
      return {
        ...say('unverified', `DNS did not answer when ${domain} was to be checked`, authentication),
        temporary: true,
      };
    case 'fail':
      return clientKnown || by.kind === 'front-mta'
        ? say('failed', `${domain} publishes DMARC and the mail fails it`, authentication)
        : say(
            'unverified',
            `it is not signed by ${domain}, and nobody told which server sent it`,
            authentication,
          );
    case 'none':
      return spf.result === 'fail' && !dmarc.aligned.dkim
        ? say('failed', `${spf.domain} says that this server does not send its mail (SPF)`, authentication)
        : say('unverified', `nothing proves that it comes from ${domain}`, authentication);
    case 'permerror':
    case 'pass': // found above
      return say('unverified', `nothing proves that it comes from ${domain}`, authentication);
  }
}

function related(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}

function say(kind: IdentityClass, why: string, authentication: Authentication | undefined): Identity {
  return {
    class: kind,
    why,
    policy: authentication?.dmarc.policy ?? 'unknown',
    temporary: false,
    ...(authentication ? { authentication } : {}),
  };
}
