import { describe, expect, test } from 'vitest';
import { checkSignatures } from '../../src/checks/check-signatures.ts';
import { sealMailing } from '../../src/deliver/seal.ts';
import type { Authentication } from '../../src/domain/authentication.ts';
import type { Mailing } from '../../src/domain/mailing.ts';
import { createDkimSigner } from '../../src/mail/dkim-sign.ts';
import { renderHead } from '../../src/mail/edit-head.ts';
import { findFields, readHead } from '../../src/mail/headers.ts';
import { fillingOf } from '../../src/mail/template.ts';
import { makeSigningKey, zoneOf } from '../support/dkim-key.ts';
import { makeKey, sealMail, signMail, writeMail } from '../support/signed-mail.ts';
import { askTable } from '../support/zone-ask.ts';

const rsa = makeSigningKey('rsa');
const hop = makeKey('forwarder.example', { kind: 'rsa' });
const author = makeKey('example.org', { kind: 'rsa' });
const records = { ...zoneOf(rsa), ...hop.zone, ...author.zone } as Record<string, { TXT: string[] }>;
const ask = askTable(
  Object.fromEntries(
    Object.entries(records).map(([name, { TXT }]) => [name, { TXT: TXT.map((text) => [text]) }]),
  ),
);
const createdAt = Date.UTC(2026, 10, 28);

const found: Authentication = {
  by: { kind: 'ourselves' },
  spf: { result: 'pass', domain: 'example.org' },
  dkim: [{ result: 'pass', domain: 'example.org', selector: 's1' }],
  dmarc: { result: 'pass', domain: 'example.org', policy: 'reject', aligned: { spf: true, dkim: true } },
  arc: { result: 'none', dmarcPassed: false },
};

function mailing(kind: Mailing['kind'], authentication?: Authentication): Mailing {
  const facts = authentication ? { authentication } : {};
  return {
    id: 1,
    kind,
    listId: 1,
    bodyId: 1,
    returnPath: 'verp',
    createdAt,
    giveUpAt: 0,
    facts,
    deliveries: 1,
    growing: false,
  };
}

async function seal(raw: Buffer, of: Mailing, how: Partial<Parameters<typeof sealMailing>[2]> = {}) {
  const head = readHead(raw);
  const body = raw.subarray(head.bodyStart);
  const seals = {
    hostname: 'lists.example.org',
    dkim: [rsa],
    arc: rsa,
    personal: false,
    hasAuthor: of.kind !== 'notice',
    ...how,
  };
  const sealed = await sealMailing(of, { head, body }, seals);
  const whole = Buffer.concat([renderHead(sealed.head), Buffer.from('\r\n'), body]);
  const sign =
    sealed.toSign && createDkimSigner(sealed.toSign, { keys: [rsa], at: of.createdAt, urgent: false });
  return {
    ...sealed,
    sign,
    raw: whole,
    checked: await checkSignatures(
      { raw: whole, head: readHead(whole), domain: 'example.org', now: createdAt },
      ask,
    ),
  };
}

const fromAlice = () =>
  signMail(writeMail({ from: 'alice@example.org', to: 'birds@lists.example.org' }), author);
const names = (head: { readonly fields: readonly { readonly name: string }[] }) =>
  head.fields.map(({ name }) => name).filter((name) => /^(arc|auth|dkim)/.test(name));
const newest = (raw: Buffer) => findFields(readHead(raw), 'arc-seal')[0]?.value;

describe('what is passed on', () => {
  test('carries our results, one ARC set, and our signature on top', async () => {
    const { head, checked, sign } = await seal(await fromAlice(), mailing('post', found));
    expect(names(head)).toEqual([
      'dkim-signature',
      'arc-seal',
      'arc-message-signature',
      'arc-authentication-results',
      'authentication-results',
      'dkim-signature',
    ]);
    expect(checked.dkim.map(({ result }) => result)).toEqual(['pass', 'pass']);
    expect(checked.arc).toEqual({ result: 'pass', sealer: 'lists.example.org', dmarcPassed: true });
    expect(sign).toBeUndefined();
  });

  test('leaves the signature of a personal copy to whoever knows its head', async () => {
    const { head, sign } = await seal(await fromAlice(), mailing('post', found), { personal: true });
    expect(names(head)[0]).toBe('arc-seal');
    expect(await sign?.([fillingOf('List-Unsubscribe: <https://lists.example.org/u/1>\r\n')])).toEqual([
      expect.stringMatching(/^DKIM-Signature: /),
    ]);
  });

  test('says so where nobody looked', async () => {
    const { raw } = await seal(await fromAlice(), mailing('forward'));
    const value = (name: string) => findFields(readHead(raw), name)[0]?.value;
    expect(value('authentication-results')).toBe('lists.example.org; none');
    expect(value('arc-authentication-results')).toBe('i=1; lists.example.org; none');
  });

  test('is neither signed nor sealed where nothing is to be', async () => {
    const { head, sign } = await seal(await fromAlice(), mailing('post', found), {
      dkim: [],
      arc: undefined,
    });
    expect([names(head), sign]).toEqual([['authentication-results', 'dkim-signature'], undefined]);
  });

  test('says nothing of an author whom an anonymous list hides', async () => {
    const { raw } = await seal(
      writeMail({ from: 'birds@lists.example.org', to: 'birds@lists.example.org' }),
      mailing('post', found),
      { hasAuthor: false },
    );
    expect(raw.toString()).not.toMatch(/authentication-results|arc-|=example\.org/i);
    expect(names(readHead(raw))).toEqual(['dkim-signature']);
  });

  test('a notice has our signature and nothing else', async () => {
    const { head } = await seal(
      writeMail({ from: 'birds-request@lists.example.org', to: 'a@example.org' }),
      mailing('notice'),
    );
    expect(names(head)).toEqual(['dkim-signature']);
  });
});

describe('a chain that came with the mail', () => {
  const results = 'mx.forwarder.example; dmarc=pass header.from=example.org';
  const chained = async () => sealMail(await fromAlice(), hop, { results });
  const withArc = (arc: Authentication['arc']['result']) =>
    mailing('post', { ...found, arc: { result: arc, dmarcPassed: true } });

  test('is gone on with where it was whole', async () => {
    const { raw, checked } = await seal(await chained(), withArc('pass'));
    expect(newest(raw)).toContain('cv=pass; d=lists.example.org; i=2;');
    expect(checked.arc).toMatchObject({ result: 'pass', sealer: 'lists.example.org' });
  });

  test('is declared broken where it was', async () => {
    const { raw, checked } = await seal(await chained(), withArc('fail'));
    expect(newest(raw)).toContain('cv=fail; d=lists.example.org; i=2;');
    expect(checked.arc.result).toBe('fail');
  });

  test('gets nothing more where somebody has declared it broken', async () => {
    const broken = (await seal(await chained(), withArc('fail'))).raw;
    expect(findFields(readHead((await seal(broken, withArc('fail'))).raw), 'arc-seal')).toHaveLength(2);
  });

  test('gets nothing more where nobody looked at it', async () => {
    expect(findFields(readHead((await seal(await chained(), withArc('none'))).raw), 'arc-seal')).toHaveLength(
      1,
    );
  });

  test('of fifty sets is full', async () => {
    let raw = await fromAlice();
    for (let i = 0; i < 50; i++)
      raw = (await seal(raw, withArc(i === 0 ? 'none' : 'pass'), { dkim: [] })).raw;
    expect((await seal(raw, withArc('pass'))).checked.arc.result).toBe('pass');
    expect(newest((await seal(raw, withArc('pass'))).raw)).toContain('i=50;');
  });

  test('that is no chain is declared broken', async () => {
    const raw = Buffer.concat([
      Buffer.from('ARC-Seal: i=7; a=rsa-sha256; cv=pass; b=x\r\n'),
      await fromAlice(),
    ]);
    expect(newest((await seal(raw, withArc('fail'))).raw)).toContain('cv=fail; d=lists.example.org; i=8;');
  });
});
