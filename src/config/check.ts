import type { z } from 'zod';
import { nearest } from './did-you-mean.ts';
import { configKeys, configSections, findKey, inOrder } from './keys.ts';
import type { Problem } from './problem.ts';
import { type RawConfig, valueAt } from './raw.ts';
import type { Config } from './schema.ts';
import type { Kind } from './values.ts';
import { parseListen } from './values.ts';

/** Every unknown key, wrong type and impossible value. */
export function findMistakes(raw: RawConfig, issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
  const found = issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((name) => unknownKey(raw, path === '' ? name : `${path}.${name}`));
    return [wrongValue(raw, path)];
  });
  return inOrder(found, ({ key }) => key);
}

type KeyProblem = Problem & { readonly key: string };

/** What a valid configuration lacks to run a server. `config check` shows them, `serve` stops at them, other commands do not care. */
export function findStartProblems(raw: RawConfig, config: Config): readonly Problem[] {
  const problems: KeyProblem[] = [];
  const report = (key: string, what: string) => problems.push({ origin: raw.originOf(key), key, what });
  const openTrial = raw.originOf('delivery.transport').kind === 'trial' && !listensOnLoopback(config);
  if (config.delivery.transport === '' || openTrial) {
    report(
      'delivery.transport',
      'delivery.transport is not set: nothing would be sent. Set it to "smarthost" or "direct", or to "capture" to keep mail instead of sending it.',
    );
  }
  const { tls_cert, tls_key } = config.smtp;
  if ((tls_cert === '') !== (tls_key === '')) {
    const lacking = tls_cert === '' ? 'tls_cert' : 'tls_key';
    report(`smtp.${lacking}`, `smtp.${lacking} is not set: a certificate and its key go together.`);
  }
  return inOrder(problems, ({ key }) => key);
}

/** Trial mode is for one machine: whoever opens the server to others has to say where mail goes. */
function listensOnLoopback({ smtp, web }: Config): boolean {
  return [...smtp.listen, ...smtp.lmtp, web.listen].every((text) => {
    const address = parseListen(text);
    return address?.kind !== 'tcp' || /^(127\.|::1$|localhost$)/.test(address.host);
  });
}

/** What works, but hardly as meant. */
export function findWarnings(raw: RawConfig, config: Config): readonly string[] {
  const found = [
    ...findStandardNames(raw, config),
    ...findPlainPages(raw, config),
    ...findMissingOperators(config),
    ...findUncheckedSenders(raw, config),
    ...findIdleDirectKeys(raw, config),
  ];
  return inOrder(found, keyOf);
}

/** Each begins with the key that it is about. */
function keyOf(warning: string): string {
  return warning.slice(0, warning.indexOf(' '));
}

function findStandardNames(raw: RawConfig, config: Config): readonly string[] {
  if (config.delivery.transport === 'capture' || config.delivery.transport === '') return [];
  return ['hostname', 'domains', 'base_url']
    .filter((key) => raw.originOf(key).kind === 'default')
    .map(
      (key) =>
        `${key} is not set: real mail would carry ${JSON.stringify(findKey(key)?.standard)}, which nobody outside can reach`,
    );
}

/** RFC 8058 §3.1: a one-click link is https. */
function findPlainPages(raw: RawConfig, { delivery, base_url }: Config): readonly string[] {
  const isReal = delivery.transport === 'smarthost' || delivery.transport === 'direct';
  if (!isReal || raw.originOf('base_url').kind === 'default' || !base_url.startsWith('http:')) return [];
  return [
    'base_url is not https: mail providers ignore the one-click link of every mail. Put a web server with TLS in front, and write its address',
  ];
}

/** RFC 5321 §4.5.1, RFC 2142 §5: every mail system has somebody at postmaster@ and abuse@. */
function findMissingOperators({ delivery, operators }: Config): readonly string[] {
  const isReal = delivery.transport === 'smarthost' || delivery.transport === 'direct';
  if (!isReal || operators.length > 0) return [];
  return [
    'operators is empty: mail to postmaster@ and abuse@ is put off (451) until somebody is named, and nobody hears of refused posts, complaints and lists without an owner',
  ];
}

function findIdleDirectKeys(raw: RawConfig, { delivery, direct }: Config): readonly string[] {
  if (delivery.transport === 'direct') {
    return direct.port === 25
      ? []
      : [
          `direct.port is ${direct.port}: nobody’s mail server listens there, so mail reaches only test servers`,
        ];
  }
  return ['limits', 'warm_up', 'private_networks']
    .map((name) => `direct.${name}`)
    .filter((key) => raw.originOf(key).kind !== 'default')
    .map((key) => `${key} is set, but delivery.transport is not "direct": it has no effect`);
}

function findUncheckedSenders(raw: RawConfig, { checks, smtp }: Config): readonly string[] {
  const named = smtp.trusted_authserv_ids.length > 0;
  if (named && smtp.trusted_relays.length === 0 && smtp.lmtp.length === 0)
    return [
      'smtp.trusted_authserv_ids is set, but no mail server in front is: neither smtp.trusted_relays nor smtp.lmtp',
    ];
  if (checks.spf_dkim_dmarc || named || raw.originOf('checks.spf_dkim_dmarc').kind === 'trial') return [];
  return [
    'checks.spf_dkim_dmarc is false and smtp.trusted_authserv_ids is empty: nobody finds out who sent a mail, so whoever writes a member’s address into From can post',
  ];
}

function unknownKey(raw: RawConfig, path: string): KeyProblem {
  const found = valueAt(raw.tables, path);
  const isTable = !path.includes('.') && typeof found === 'object' && !Array.isArray(found);
  const known = isTable ? configSections.map(({ name }) => name) : configKeys.map((key) => key.path);
  const meant = nearest(path, known);
  const what = isTable ? `[${path}] is not a known table.` : `${path} is not a known key.`;
  return {
    origin: raw.originOf(path),
    key: path,
    what: meant ? `${what} Did you mean ${meant}?` : what,
  };
}

function wrongValue(raw: RawConfig, path: string): KeyProblem {
  const found = valueAt(raw.tables, path);
  const kind = findKey(path)?.kind;
  return {
    origin: raw.originOf(path),
    key: path,
    // What stands in the place of a whole table is not shown: a password may be inside.
    what: kind
      ? `${path}: ${foundAndAllowed(kind, found)}`
      : `${path}: found ${Array.isArray(found) ? 'a list of tables, [[…]]' : 'a value'}; allowed: a table, [${path}]`,
  };
}

const notShown = '(not shown: it may hold a password)';

/** As it would stand in the file, without a password; of a list only the values that are wrong. */
function foundAndAllowed(kind: Kind<unknown>, found: unknown): string {
  const { item } = kind;
  if (item && Array.isArray(found) && found.length > 0) {
    const wrong = found.filter((each) => item.parse(each) === undefined);
    return `found ${wrong.map((each) => JSON.stringify(each)).join(', ')}; allowed: ${item.allowed}`;
  }
  // A list or a table where a text belongs may hold a password all the same.
  if (kind.mask && typeof found === 'object') return `found ${notShown}; allowed: ${kind.allowed}`;
  const shown = typeof found === 'string' ? (kind.mask?.(found) ?? found) : found;
  return `found ${JSON.stringify(shown)}; allowed: ${kind.allowed}`;
}
