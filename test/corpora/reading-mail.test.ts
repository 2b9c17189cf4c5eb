import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/domain/address.ts';
import { readAuthor } from '../../src/mail/author.ts';
import { mayBeAnswered } from '../../src/mail/automatic.ts';
import { newField, putOnTop, removeFields, renderHead } from '../../src/mail/edit-head.ts';
import { findHeadProblem, readHead } from '../../src/mail/headers.ts';
import { readIntent } from '../../src/mail/intents.ts';
import { ownText } from '../../src/mail/own-text.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { readableText } from '../../src/mail/readable-text.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: reading real mail is not tested');

const file = (...path: string[]) => join(corpora, ...path);
const readJson = (...path: string[]) => JSON.parse(readFileSync(file(...path), 'utf8'));
const factsOf = (raw: Buffer) => readFacts(raw, readHead(raw), 'lists.example.org');
/** What an MTA that hands it over by SMTP makes of a file's line ends. */
const overSmtp = (raw: Buffer) =>
  Buffer.from(raw.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');

function mailsIn(folder: string, names = /\.(eml|msg|txt)$|^[^.]+$|\.\d+$|\.raw$/): [string, Buffer][] {
  return readdirSync(file(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && names.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(corpora.length), readFileSync(path)]);
}

describe.skipIf(corpora === '')('addresses', () => {
  interface Case {
    readonly address: string;
    readonly category: string;
    readonly diagnosis: string;
  }
  /** Sendable, and refused all the same: the reasons are the names of cases in address.test.ts. */
  const refusedByChoice = /QUOTEDSTRING|ADDRESSLITERAL|TLDNUMERIC/;

  it('isemail: what must not be sent is refused, what may be is accepted but for the forms we do not take', () => {
    for (const { address, category, diagnosis } of readJson('addresses', 'isemail.json') as Case[]) {
      const accepted = parseAddress(address) !== undefined;
      const sendable = /VALID_CATEGORY|DNSWARN|RFC5321/.test(category);
      const singleLabel = sendable && !address.slice(address.lastIndexOf('@')).includes('.');
      const expected = sendable && !refusedByChoice.test(diagnosis) && !singleLabel;
      expect({ address, diagnosis, accepted }).toEqual({ address, diagnosis, accepted: expected });
    }
  });

  it('flanker: every invalid one is refused but a label that only claims to be punycode', () => {
    const { invalid } = readJson('addresses', 'flanker.json') as { invalid: string[] };
    expect(invalid.filter((address) => parseAddress(address) !== undefined)).toEqual([
      'test@xn--example.com',
    ]);
  });

  it('flanker: every valid one is accepted but quoted ones, names before the address, and hosts without a domain', () => {
    const { valid } = readJson('addresses', 'flanker.json') as { valid: string[] };
    const refused = valid.filter((address) => parseAddress(address) === undefined);
    const unusual = /["<(]|[^\x20-\x7e]|@[^.]+$|@[\d.]+$/;
    expect(refused.filter((address) => !unusual.test(address))).toEqual([]);
  });
});

describe.skipIf(corpora === '')('every message of the corpora', () => {
  const folders = [
    'mime-robust',
    'mime-parse',
    'bounces-flufl',
    'bounces-sisimai',
    'eai',
    'dkim-verify',
    'feedback-arf',
  ];
  const mails = corpora === '' ? [] : folders.flatMap((folder) => mailsIn(folder));

  it('comes back from the header editor bit by bit', () => {
    for (const [name, raw] of mails) {
      const head = readHead(raw);
      const same = Buffer.concat([renderHead(head), raw.subarray(head.end)]).equals(raw);
      expect([name, same]).toEqual([name, true]);
      const added = putOnTop(head, [newField('List-Id', '<birds.lists.example.org>')]);
      const removed = removeFields(added, (field) => field === added.fields[0]);
      expect([name, renderHead(removed).equals(raw.subarray(0, head.end))]).toEqual([name, true]);
    }
  });

  it('is read without an error, and soon', () => {
    for (const [name, raw] of mails) {
      const started = performance.now();
      const facts = factsOf(raw);
      findHeadProblem(raw, readHead(raw));
      ownText(readableText(raw));
      expect([name, facts.bytes]).toEqual([name, raw.length]);
      expect([name, performance.now() - started < 1000]).toEqual([name, true]);
    }
  });

  it('has an author, or a reason why not', () => {
    for (const [name, raw] of mails) {
      const { author, problem } = readAuthor(readHead(raw));
      expect([name, author === undefined]).toEqual([name, problem !== undefined]);
    }
  });
});

it.skipIf(corpora === '')('automatic replies are known as such, and never answered', () => {
  for (const [name, raw] of mailsIn('autoreply-vacation', /\.eml$/)) {
    const facts = factsOf(raw);
    expect([name, facts.vacation, facts.automatic !== undefined]).toEqual([name, true, true]);
    expect(mayBeAnswered(parseAddress('alice@example.com') ?? '', facts)).toBe(false);
  }
});

describe.skipIf(corpora === '')('real list mail', () => {
  const mbox = corpora === '' ? '' : readFileSync(file('list-archive', 'usrp-users-2019.mbox'), 'latin1');
  const mails = mbox
    .split(/^From .*\d{4}$\n/m)
    .slice(1)
    .map((text) => overSmtp(Buffer.from(text, 'latin1')));
  const facts = mails.map(factsOf);
  const share = (count: number) => count / mails.length;

  it('has authors, dates and ids that can be read', () => {
    expect(mails.length).toBeGreaterThan(300);
    expect(share(facts.filter((each) => each.author).length)).toBeGreaterThan(0.99);
    expect(share(facts.filter((each) => each.sentAt !== undefined).length)).toBeGreaterThan(0.99);
    expect(share(facts.filter((each) => !each.messageId.endsWith('@lists.example.org')).length)).toBe(1);
  });

  it('passes the SMTP stage', () => {
    const refused = mails.map((raw) => findHeadProblem(raw, readHead(raw))?.why).filter(Boolean);
    expect(refused).toEqual([]);
  });

  it('is people’s mail: hardly any is taken for automatic, none may be answered', () => {
    expect(share(facts.filter((each) => each.automatic).length)).toBeLessThan(0.02);
    expect(facts.filter((each) => mayBeAnswered(parseAddress('alice@example.com') ?? '', each))).toEqual([]);
  });

  it('is never taken for a request to leave the list, except where it is one', () => {
    const list = { name: 'usrp-users', domain: 'lists.ettus.com', title: 'USRP-users' };
    const asked = mails.filter((raw, i) => readIntent(readableText(raw), facts[i] ?? factsOf(raw), list));
    expect(share(asked.length)).toBeLessThan(0.01);
  });
});

describe.skipIf(corpora === '')('own words of replies', () => {
  const plain = (text: string) =>
    text
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\u201c\u201d]/g, '"')
      .replace(/\s+/g, ' ')
      .trim();

  it('trimmer: at least nine in ten agree', () => {
    const names = readdirSync(file('quoted-replies', 'trimmer', 'emails'));
    const agreed = names.filter((name) => {
      const [mail, own] = ['emails', 'trimmed'].map((of) =>
        readFileSync(file('quoted-replies', 'trimmer', of, name), 'utf8'),
      );
      return plain(ownText(mail ?? '')) === plain(own ?? '');
    });
    console.log(`own words, trimmer: ${agreed.length} of ${names.length}`);
    expect(agreed.length / names.length).toBeGreaterThanOrEqual(0.9);
  });

  it('crisp: at least nine in ten agree', () => {
    const expected = Object.entries(
      readJson('quoted-replies', 'crisp', 'expected.json') as Record<
        string,
        { visible_first_fragment: string }
      >,
    );
    const agreed = expected.filter(
      ([name, { visible_first_fragment }]) =>
        plain(ownText(readFileSync(file('quoted-replies', 'crisp', name), 'utf8'))) ===
        plain(visible_first_fragment),
    );
    console.log(`own words, crisp: ${agreed.length} of ${expected.length}`);
    expect(agreed.length / expected.length).toBeGreaterThanOrEqual(0.9);
  });

  it('talon: every reply says Hello', () => {
    for (const [name, raw] of mailsIn('quoted-replies/talon-eml', /\.eml$/)) {
      expect([name, ownText(readableText(raw))]).toEqual([name, 'Hello']);
    }
  });
});

it.skipIf(corpora === '')('subjects, ids and dates are what another parser read', () => {
  let compared = 0;
  for (const [name, raw] of mailsIn('mime-parse/stalwart', /\.eml$/)) {
    const { parts } = readJson(name.replace(/\.eml$/, '.json')) as { parts: { headers: Header[] }[] };
    const { subject, messageId, sentAt } = factsOf(raw);
    const ours = new Map<unknown, unknown>([
      ['subject', subject],
      ['message_id', messageId],
      ['date', sentAt],
    ]);
    for (const { name: field, value } of parts[0]?.headers ?? []) {
      const theirs = timeOf(value.DateTime) ?? value.Text?.replace(/\s+/g, ' ').trim();
      // It gives replacement characters where we read windows-1252.
      if (!ours.has(field) || theirs === undefined || String(theirs).includes('\ufffd')) continue;
      expect([name, field, ours.get(field)]).toEqual([name, field, theirs]);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(50);
});

interface Header {
  readonly name: unknown;
  readonly value: { readonly Text?: string; readonly DateTime?: Record<string, number> };
}

function timeOf(of: Record<string, number> | undefined): number | undefined {
  if (!of) return undefined;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, tz_hour = 0, tz_minute = 0 } = of;
  const offset = (tz_hour * 60 + tz_minute) * (of.tz_before_gmt ? -1 : 1);
  const time = Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000;
  return year >= 1971 && year < 2100 ? time : undefined;
}
