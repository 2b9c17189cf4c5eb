import { Command, Option } from 'commander';
import { keyAlgorithms, type PublishedKey } from '../../domain/dkim-key.ts';
import { Refusal } from '../../domain/refusal.ts';
import { activateDkimKey } from '../../operations/keys/activate-dkim-key.ts';
import { addDkimKey } from '../../operations/keys/add-dkim-key.ts';
import type { DkimKeyReport } from '../../operations/keys/describe-dkim-key.ts';
import { listDkimKeys } from '../../operations/keys/list-dkim-keys.ts';
import { retireDkimKey } from '../../operations/keys/retire-dkim-key.ts';
import type { Frame } from '../frame.ts';
import { isoTime, shortTime } from '../output.ts';
import { zoneLine } from '../zone-line.ts';

export function dkimCommand(frame: Frame): Command {
  const dkim = new Command('dkim').description('Look after the keys that mail is signed with.');
  showVerb(dkim, frame);
  newVerb(dkim, frame);
  activateVerb(dkim, frame);
  retireVerb(dkim, frame);
  return dkim;
}

const domainOption = () => new Option('--domain <domain>', 'the mail domain, where there are several');

interface Named {
  readonly domain?: string;
}

const dnsWords = `With --json, "dns" says what DNS shows: "same": exactly this key; "missing": no TXT record; "other": another
key, several records, or one that nobody can read; "unknown": DNS could not be asked, and "dnsWhy" says why. "recordUntil":
until when the record of a retired key must stay; null: it is not retired, or it has signed nothing and its record can go.`;

function showVerb(dkim: Command, { operate, output }: Frame): void {
  dkim
    .command('show')
    .description('Show the keys, their DNS records to paste, and whether DNS shows them.')
    .addOption(domainOption())
    .addHelpText('after', `\n${dnsWords}`)
    .action(async ({ domain }: Named) => {
      const shown = await operate(async (desk) => {
        const keys = await desk.perform(listDkimKeys, { domain });
        return Promise.all(keys.map(async (key) => ({ key, published: await desk.dkim.findPublished(key) })));
      });
      if (shown.length === 0) {
        const why =
          domain === undefined
            ? 'There are no keys yet: “serve” makes them.'
            : `There is no key of ${domain}. Is it one of the domains of this server?`;
        throw new Refusal('not-found', why);
      }
      const now = Date.now();
      output.raw(
        shown.map(({ key, published }) => paragraph(key, published, now)).join('\n'),
        shown.map(asJson),
      );
    });
}

/** The record is there to be pasted, so not where it can go. */
function paragraph(key: DkimKeyReport, published: PublishedKey, now: number): string {
  const { selector, domain, algorithm, record, recordUntil } = key;
  const first = `${selector} of ${domain}: ${algorithm}, ${state(key)}; ${inDns(published)}`;
  if (key.state !== 'retired') return `${first}\n${zoneLine(record)}\n`;
  if (recordUntil === null) return `${first}; it never signed: its record can go\n`;
  if (recordUntil <= now) return `${first}; its record can go\n`;
  return `${first}; its record must stay there until ${shortTime(recordUntil)} UTC\n${zoneLine(record)}\n`;
}

function state({ state, createdAt, activatedAt, retiredAt }: DkimKeyReport): string {
  switch (state) {
    case 'new':
      return `made ${shortTime(createdAt)} UTC, does not sign yet`;
    case 'active':
      return `signs since ${shortTime(activatedAt ?? 0)} UTC`;
    case 'replaced':
      return 'signs no more, another took its place';
    case 'retired':
      return `retired ${shortTime(retiredAt ?? 0)} UTC`;
  }
}

function inDns(published: PublishedKey): string {
  switch (published.kind) {
    case 'same':
      return 'DNS shows it';
    case 'missing':
      return 'DNS does not show it';
    case 'other':
      return published.found.length > 1 ? 'DNS shows several records' : 'DNS shows another record';
    case 'unknown':
      return `DNS could not be asked: ${published.why}`;
  }
}

function asJson({ key, published }: { readonly key: DkimKeyReport; readonly published: PublishedKey }) {
  return {
    ...withTimes(key),
    dns: published.kind,
    dnsWhy: published.kind === 'unknown' ? published.why : null,
  };
}

function withTimes(key: DkimKeyReport) {
  const time = (ms: number | null) => (ms === null ? null : isoTime(ms));
  return {
    ...key,
    createdAt: isoTime(key.createdAt),
    activatedAt: time(key.activatedAt),
    retiredAt: time(key.retiredAt),
    recordUntil: time(key.recordUntil),
  };
}

function newVerb(dkim: Command, { operate, output }: Frame): void {
  dkim
    .command('new')
    .description('Make another key, to be activated once DNS shows its record.')
    .addOption(domainOption())
    .addOption(new Option('--algorithm <algorithm>', 'its kind').choices(keyAlgorithms).default('rsa'))
    .action(async ({ domain, algorithm }: Named & { readonly algorithm: (typeof keyAlgorithms)[number] }) => {
      const key = await operate(async (desk) =>
        desk.perform(addDkimKey, { domain, algorithm, privateKey: await desk.dkim.makePrivate(algorithm) }),
      );
      const next =
        key.state === 'active'
          ? 'It signs already.'
          : `Then: npx listwright dkim activate ${key.selector}${of(domain)}`;
      output.raw(
        `Put this into the zone of ${key.domain}:\n\n${zoneLine(key.record)}\n\n${next}\n`,
        withTimes(key),
      );
    });
}

function of(domain: string | undefined): string {
  return domain === undefined ? '' : ` --domain ${domain}`;
}

function activateVerb(dkim: Command, { operate, output }: Frame): void {
  dkim
    .command('activate')
    .description('Sign with a key from now on, in place of the one of its kind; refused until DNS shows it.')
    .argument('<selector>', 'the key, as “dkim show” names it')
    .addOption(domainOption())
    .option('--force', 'whatever DNS shows')
    .action(async (selector: string, { domain, force }: Named & { readonly force?: boolean }) => {
      const done = await operate(async (desk) => {
        const [key] = await desk.perform(listDkimKeys, { domain, selector });
        const published: PublishedKey = key
          ? await desk.dkim.findPublished(key)
          : { kind: 'unknown', why: 'not asked' };
        const activated = await desk.perform(activateDkimKey, { selector, domain, published, force });
        if (published.kind !== 'same')
          output.note(`${inDns(published)}: until it shows this key, nobody can verify what it signs.`);
        return activated;
      });
      const rest = done.replaces ? ` in place of ${done.replaces}, which can be retired` : '';
      output.done(`Mail of ${done.domain} is signed with ${done.selector} from now on${rest}.`, {
        ...withTimes(done),
        replaces: done.replaces ?? null,
      });
    });
}

function retireVerb(dkim: Command, { operate, output }: Frame): void {
  dkim
    .command('retire')
    .description('Never sign with a key again, and forget its private half.')
    .argument('<selector>', 'the key, as “dkim show” names it')
    .addOption(domainOption())
    .action(async (selector: string, { domain }: Named) => {
      const done = await operate((desk) => desk.perform(retireDkimKey, { selector, domain }));
      output.done(
        done.recordUntil === null
          ? `${done.selector} is retired. It never signed: its record can go.`
          : `${done.selector} is retired. Leave its record in DNS until ${shortTime(done.recordUntil)} UTC: mail that it signed is still on its way, and copies that it signed ahead may leave for half an hour yet.`,
        withTimes(done),
      );
    });
}
