import { isIP } from 'node:net';
import { createChecks } from './checks/create-checks.ts';
import type { ExaminedMail, MailEnvelope } from './cli/frame.ts';
import type { Config } from './config/schema.ts';
import { createResolver } from './dns/resolver.ts';
import type { Address } from './domain/address.ts';
import type { Peer } from './domain/incoming.ts';
import { Refusal } from './domain/refusal.ts';
import type { Site } from './domain/site.ts';
import { readAddress } from './mail/ascii-domain.ts';
import { findHeadProblem, readHead } from './mail/headers.ts';
import { readFacts } from './mail/read-facts.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * A mail from a file, checked as the door would check it. Without the address of whoever sent it SPF cannot be asked, as behind a front
 * MTA that did not tell; DKIM and ARC can.
 */
export async function examineMail(
  { config, site }: { readonly config: Config; readonly site: Site },
  file: Buffer,
  envelope: MailEnvelope,
): Promise<ExaminedMail> {
  if (envelope.ip !== undefined && isIP(envelope.ip) === 0)
    throw new Refusal('invalid', `“${envelope.ip.slice(0, 100)}” is no IP address.`);
  const raw = asReceived(file);
  const head = readHead(raw);
  const problem = findHeadProblem(raw, head);
  if (problem) return { kind: 'malformed', reply: `${problem.code} ${problem.enhanced} ${problem.why}` };
  const facts = readFacts(raw, head, site.hostname);
  const peer: Peer = {
    protocol: 'smtp',
    ip: envelope.ip ?? '',
    helo: envelope.helo ?? '',
    trusted: envelope.ip === undefined,
    tls: false,
  };
  const sender = envelope.from === undefined ? (facts.author?.email ?? '') : readSender(envelope.from);
  const resolver = createResolver({ servers: config.checks.dns_servers, now: () => performance.now() });
  const checks = createChecks({
    site,
    rspamd: config.checks.rspamd,
    resolver,
    log: silent,
    now: Date.now,
    threads: 1,
  });
  try {
    const checked = await checks.check({ envelopeSender: sender, recipients: [], raw, facts, peer });
    // Judged as if it came by SMTP all the same, unless a server in front does the checking here.
    return {
      kind: 'mail',
      mail: { ...checked, peer: { ...peer, trusted: peer.trusted && site.senderChecks === 'front' } },
    };
  } finally {
    await checks.close();
    await resolver.close();
  }
}

function readSender(text: string): Address | '' {
  const address = text === '' ? '' : readAddress(text);
  if (address === undefined) throw new Refusal('invalid', `“${text.slice(0, 100)}” is not an address.`);
  return address;
}

/** Files have the line ends of their system, and one cut out of an mbox begins with a line that was never mailed. */
function asReceived(file: Buffer): Buffer {
  const text = file.toString('latin1').replace(/^From [^\r\n]*\r?\n/, '');
  return Buffer.from(/\r\n/.test(text) ? text : text.replaceAll('\n', '\r\n'), 'latin1');
}
