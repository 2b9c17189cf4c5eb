import { authenticate as judge } from 'mailauth';
import { authenticate } from '../../src/checks/authenticate.ts';
import { prepareCopies } from '../../src/deliver/copies.ts';
import { createKeyring } from '../../src/deliver/keyring.ts';
import { fromWireMessage } from '../../src/deliver/wire-message.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { publicHalf, type SigningKey } from '../../src/mail/signing-key.ts';
import { textOf } from '../../src/mail/template.ts';
import { identify } from '../../src/policy/identify.ts';
import type { CopyForm } from '../../src/rewrite/plain-copy.ts';
import { insertDkimKey } from '../../src/store/dkim-keys.ts';
import type { Desk } from './desk.ts';
import type { Zones } from './name-server.ts';
import { askTable, type ZoneTable } from './zone-ask.ts';

/** Mail from the checks at the door to the bytes on the wire, and what a receiver's DMARC says of them: without sockets, with real signatures. */

/** What the checks of ours find out about a mail that comes from 192.0.2.7. */
export async function checksOf(raw: Buffer, zones: Zones, desk: Desk): Promise<Partial<Checks>> {
  const { author } = readFacts(raw, readHead(raw), desk.site.hostname);
  const domain = domainPart(author?.email ?? '');
  const question = {
    domain,
    clientIp: '192.0.2.7',
    helo: 'mx.elsewhere.example',
    envelopeSender: author?.email ?? '',
    hostname: desk.site.hostname,
    now: Date.now(),
  };
  const found = await authenticate(raw, question, askTable(tableOf(zones)));
  return { identity: identify(author, found, { trustedSealers: [], clientKnown: true }) };
}

/** Nobody looked. */
export const notChecked: Partial<Checks> = { identity: unchecked.identity };

export async function giveDeskKeys(desk: Desk, keys: readonly SigningKey[]): Promise<void> {
  await desk.store.write(async (tx) => {
    for (const { domain, selector, algorithm, key } of keys)
      await insertDkimKey(tx, {
        domain,
        selector,
        algorithm,
        publicKey: publicHalf(algorithm, key),
        privateKey: key.export({ type: 'pkcs8', format: 'der' }),
        createdAt: desk.now,
        activatedAt: desk.now,
      });
  });
}

/** One copy of a mailing, as it is sent in that form: with what is personal, and signed. */
export async function copyOnTheWire(
  desk: Desk,
  mailingId: number,
  { form = 'full' }: { readonly form?: CopyForm } = {},
): Promise<Buffer> {
  const copies = await prepareCopies(
    desk.store,
    mailingId,
    {
      keys: desk.keys,
      site: desk.site,
      personalize: 'auto',
      signs: true,
      seals: true,
      keyring: createKeyring(),
    },
    form,
  );
  const personal = copies.personalHead(1);
  const [signature = ''] = (await copies.sign?.([personal])) ?? [];
  return Buffer.concat([
    Buffer.from(signature + textOf(personal), 'latin1'),
    await fromWireMessage(copies.message),
  ]);
}

function domainPart(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

export interface Judged {
  /** mailauth's DMARC: `pass`, `fail`, `none`. */
  readonly dmarc: string;
  /** Of the From, as mailauth reads it. */
  readonly domain: string;
  readonly from: string;
  /** d= of the signatures that hold, from the top. */
  readonly signedBy: readonly string[];
}

/** What a receiver says: not by our own verifier. */
export async function judgeOnTheWire(raw: Buffer, zones: Zones): Promise<Judged> {
  const { dkim, dmarc } = await judge(raw, {
    ip: '192.0.2.99',
    helo: 'lists.example.org',
    sender: 'birds-bounces@lists.example.org',
    resolver: askTable(tableOf(zones)) as never,
    disableArc: true,
    disableBimi: true,
  });
  return {
    dmarc: dmarc ? dmarc.status.result : 'none',
    domain: domainPart(dkim.headerFrom.at(-1) ?? ''),
    from: findField(readHead(raw), 'from')?.value ?? '',
    signedBy: dkim.results.flatMap(({ status, signingDomain }) =>
      status.result === 'pass' ? [signingDomain] : [],
    ),
  };
}

function tableOf(zones: Zones): ZoneTable {
  return Object.fromEntries(
    Object.entries(zones).map(([name, records]) => [
      name,
      { TXT: ((records as { TXT?: string[] }).TXT ?? []).map((text) => [text]) },
    ]),
  );
}
