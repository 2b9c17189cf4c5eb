import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSignatures } from '../../src/checks/check-signatures.ts';
import { checkSpf } from '../../src/checks/check-spf.ts';
import { nextSet, sealArc } from '../../src/mail/arc-seal.ts';
import { readAuthenticationResults, readAuthservId } from '../../src/mail/authentication-results.ts';
import { bodyHashOf } from '../../src/mail/dkim-sign.ts';
import { findFields, readHead } from '../../src/mail/headers.ts';
import { askTable, type ZoneTable } from '../support/zone-ask.ts';

/** Public suites of SPF, DKIM and ARC with their stated answers; where we answer otherwise, the table says why. */
const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: the suites of SPF, DKIM and ARC are not run');
const have = (name: string) => corpora !== '' && existsSync(join(corpora, name));

type Zone = Record<string, Record<string, unknown[] | 'ETIMEOUT' | 'ESERVFAIL'>>;

/** As they come over SMTP. */
function asMail(text: string): Buffer {
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
}

function signaturesOf(message: string, zone: Zone) {
  const raw = asMail(message);
  const mail = { raw, head: readHead(raw), domain: '', now: Date.now() };
  return checkSignatures(mail, askTable(zone as ZoneTable));
}

describe.skipIf(!have('spf-rfc7208'))('the SPF suite of RFC 7208', () => {
  interface Scenario {
    readonly description: string;
    readonly tests: Readonly<
      Record<string, { helo: string; host: string; mailfrom: string; result: string | string[] }>
    >;
    readonly zonedata: Readonly<Record<string, readonly (string | Readonly<Record<string, unknown>>)[]>>;
  }
  /** `exp=` names a text for the sender, which we never show: mailauth does not read it, so its mistakes go unnoticed. */
  const different: Readonly<Record<string, string>> = { 'exp-syntax-error': 'neutral', 'exp-twice': 'fail' };
  const scenarios = readJson<Scenario[]>('spf-rfc7208/scenarios.json');
  const cases = scenarios.flatMap(({ tests, zonedata, description }) =>
    Object.entries(tests).map(([name, asked]) => ({ name, description, asked, zonedata })),
  );
  test.each(cases)('$description: $name', async ({ name, asked, zonedata }) => {
    const { helo, host: clientIp, mailfrom: envelopeSender } = asked;
    const found = await checkSpf(
      { helo, clientIp, envelopeSender, hostname: 'mx.example.org' },
      askTable(spfZone(zonedata) as ZoneTable),
    );
    expect([different[name] ?? asked.result].flat()).toContain(found.result);
  });

  /** A name with records of type SPF has the same as TXT, unless it says that it has none. */
  function spfZone(zonedata: Scenario['zonedata']): Zone {
    const zone: Zone = {};
    for (const [name, records] of Object.entries(zonedata)) {
      const entry: Zone[string] = {};
      const spf: unknown[] = [];
      let noText = false;
      for (const record of records) {
        const [type = '', value] = typeof record === 'string' ? [record] : (Object.entries(record)[0] ?? []);
        if (type === 'TIMEOUT')
          for (const all of ['A', 'AAAA', 'MX', 'PTR', 'TXT']) entry[all] ??= 'ETIMEOUT';
        else if (value === 'TIMEOUT') entry[type] = 'ETIMEOUT';
        else if (type === 'TXT' && value === 'NONE') noText = true;
        else if (type === 'SPF') spf.push([value].flat());
        else entry[type] = [...(Array.isArray(entry[type]) ? entry[type] : []), recordOf(type, value)];
      }
      if (spf.length > 0 && !entry.TXT && !noText) entry.TXT = spf;
      zone[name.toLowerCase()] = entry;
    }
    return zone;
  }

  function recordOf(type: string, value: unknown): unknown {
    if (type === 'TXT') return [value].flat();
    if (type !== 'MX' || !Array.isArray(value)) return value;
    return { priority: Number(value[0]), exchange: value[1] };
  }
});

describe.skipIf(!have('dkim-verify'))('the DKIM cases of chasquid', () => {
  const states: Readonly<Record<string, readonly string[]>> = {
    SUCCESS: ['pass'],
    TEMPFAIL: ['temperror'],
    PERMFAIL: ['fail', 'neutral', 'permerror', 'policy'],
  };
  /** RFC 6376 §8.2: a signature that leaves a part of the body open (l=) is good, and proves nothing about a post. */
  const different: Readonly<Record<string, readonly string[]>> = {
    '09-limited_body': ['policy', 'pass', 'pass'],
  };
  const folder = join(corpora, 'dkim-verify');
  const names = (corpora === '' ? [] : readdirSync(folder)).flatMap(
    (file) => /^(.*)\.msg$/.exec(file)?.[1] ?? [],
  );
  test.each(names)('%s', async (name) => {
    const { dkim } = await signaturesOf(readFileSync(join(folder, `${name}.msg`), 'latin1'), keysOf(name));
    const found = dkim.map(({ result }) => result);
    const result = join(folder, `${name}.result`);
    // Where chasquid finds the message itself malformed, nothing may pass.
    if (!existsSync(result)) return expect(found).not.toContain('pass');
    if (different[name]) return expect(found).toEqual(different[name]);
    const stated: { readonly Results: readonly { readonly State: string }[] | null } = JSON.parse(
      readFileSync(result, 'utf8'),
    );
    const allowed = (stated.Results ?? []).map(({ State }) => states[State] ?? []);
    expect(found).toHaveLength(allowed.length);
    for (const [i, one] of found.entries()) expect(allowed[i]).toContain(one);
  });

  function keysOf(name: string): Zone {
    const zone: Zone = {};
    const file = join(folder, `${name}.dns`);
    const text = existsSync(file) ? readFileSync(file, 'utf8').replace(/\\\n/g, ' ') : '';
    for (const [, key = '', value = ''] of text.matchAll(/^(\S+):\s+(.*)$/gm)) {
      const known = zone[key]?.TXT;
      zone[key] = {
        TXT: value === 'TEMPERROR' ? 'ESERVFAIL' : [...(Array.isArray(known) ? known : []), [value.trim()]],
      };
    }
    return zone;
  }
});

describe.skipIf(!have('arc-chains'))('the ARC suite of ValiMail, validation', () => {
  interface Scenario {
    readonly description: string;
    readonly tests: Readonly<
      Record<string, { readonly message: string; readonly cv: string; readonly description: string }>
    >;
    readonly 'txt-records': Readonly<Record<string, string>>;
  }
  const cases = readJson<Scenario[]>('arc-chains/validation.json').flatMap(
    ({ tests, 'txt-records': records, description: scenario }) =>
      Object.entries(tests).map(([name, { message, cv, description }]) => ({
        name: `${scenario}: ${name}, ${description}`,
        message,
        cv,
        zone: Object.fromEntries(Object.entries(records).map(([key, text]) => [key, { TXT: [[text]] }])),
      })),
  );
  test.each(cases)('$name', async ({ message, cv, zone }) => {
    const { arc } = await signaturesOf(message, zone);
    expect(arc.result).toBe(cv.toLowerCase());
  });
});

describe.skipIf(!have('arc-chains'))('the ARC suite of ValiMail, sealing', () => {
  interface Scenario {
    readonly domain: string;
    readonly sel: string;
    readonly privatekey: string;
    readonly tests: Readonly<Record<string, SealingCase>>;
  }
  interface SealingCase {
    readonly description: string;
    readonly message: string;
    readonly 'sig-headers': string;
    readonly 'srv-id': string;
    readonly t: number;
    readonly AAR: string;
    readonly AMS: string;
    readonly AS: string;
  }
  const cases = readJson<Scenario[]>('arc-chains/sign.json').flatMap(({ tests, domain, sel, privatekey }) =>
    Object.entries(tests).map(([name, asked]) => ({
      name: `${name}, ${asked.description}`,
      asked,
      key: { domain, selector: sel, algorithm: 'rsa' as const, key: createPrivateKey(privatekey) },
    })),
  );
  test.each(cases)('$name', async ({ asked, key }) => {
    const raw = asMail(asked.message);
    const head = readHead(raw);
    const told = resultsOf(head, asked['srv-id']);
    const found = readAuthenticationResults(told)?.results.find(({ method }) => method === 'arc')?.result;
    const next = nextSet(head, found === 'pass' || found === 'fail' ? found : 'none');
    const wanted = [asked.AS, asked.AMS, asked.AAR].map(unfolded);
    // Where the suite wants no set, it states empty values.
    if (!next) return expect(wanted).toEqual(['', '', '']);
    const fields = await sealArc(
      { head, bodyHash: await bodyHashOf(raw.subarray(head.bodyStart)) },
      { ...next, key, results: told, signed: asked['sig-headers'].split(':'), at: asked.t * 1000 },
    );
    expect(fields.map(({ value }) => unfolded(value))).toEqual(wanted);
  });

  /** All that the server itself said, as one (RFC 8617 §4.1.1). */
  function resultsOf(head: ReturnType<typeof readHead>, authservId: string): string {
    const own = findFields(head, 'authentication-results').filter(
      ({ value }) => readAuthservId(value) === authservId,
    );
    const said = own.map(({ value }) => unfolded(value).replace(/^[^;]*; */, ''));
    return [authservId, ...said].join('; ');
  }

  /** Where lines break says nothing, and a signature has no spaces. */
  function unfolded(value: string): string {
    const line = value.replace(/\s+/g, ' ').trim();
    return line.replace(/ b=([^;]*)/, (_, signature: string) => ` b=${signature.replaceAll(' ', '')}`);
  }
});

function readJson<T extends unknown[]>(path: string): T {
  return have(path) ? JSON.parse(readFileSync(join(corpora, path), 'utf8')) : ([] as unknown as T);
}
