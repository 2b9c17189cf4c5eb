import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListSettings } from '../../src/domain/list-settings.ts';
import { renderHead } from '../../src/mail/edit-head.ts';
import { findField, findFields, readHead } from '../../src/mail/headers.ts';
import { textOf } from '../../src/mail/template.ts';
import { personalHeaders } from '../../src/rewrite/personal-headers.ts';
import { rewriteForward } from '../../src/rewrite/rewrite-forward.ts';
import { type PostToRewrite, rewritePost } from '../../src/rewrite/rewrite-post.ts';
import { plainList as list, plainSite as site } from '../support/plain.ts';

/** A mail as a text file of the test folder, with the line ends of the wire. */
const wire = (name: string) =>
  Buffer.from(readFileSync(new URL(name, import.meta.url), 'latin1').replaceAll('\n', '\r\n'), 'latin1');

function post(text: Buffer, settings?: Partial<ListSettings>): PostToRewrite {
  return {
    raw: text,
    list: list(settings),
    site,
    hash: 'JJIGKPKB6CVDX6B2CUG4IHAJRIQIOUTP',
    number: 7,
    sender: { proved: false, policy: 'none', at: 0, ownDomains: ['lists.example.org'] },
    forEverybody: false,
    trace:
      'from mx.example.com ([192.0.2.1]) by lists.example.org with ESMTP id 1; Sat, 21 Nov 2026 10:00:01 +0000',
  };
}

/** Of somebody whose domain wants forgeries refused. */
const rejecting = { proved: false, policy: 'reject', at: 0, ownDomains: ['lists.example.org'] } as const;
const alias = 'birds-from+000000bcdefghjk@lists.example.org';

const plain = Buffer.from('From: Alice <alice@example.com>\r\nReply-To: Desk <desk@example.com>\r\n\r\nx');
const withoutReplyTo = Buffer.from('From: Alice <alice@example.com>\r\n\r\nx');

describe('the head that all copies share', () => {
  test.each<[string, Partial<PostToRewrite>, Partial<ListSettings>]>([
    ['signed', {}, {}],
    [
      'tagged',
      { sender: rejecting, alias },
      { subject_tag: '[Birds %d]', footer: 'standard', reply_to: 'both' },
    ],
    [
      'wrapped',
      { sender: rejecting, alias },
      { subject_tag: '[Birds %d]', footer: 'standard', dmarc: 'wrap' },
    ],
    ['from-another-list', {}, { umbrella: true, archive: 'off' }],
  ])('posts/%s.in.eml goes out as posts/%s.out.eml', async (name, facts, settings) => {
    const out = rewritePost({ ...post(wire(`posts/${name}.in.eml`), settings), ...facts });
    const bytes = Buffer.concat([renderHead(out.head), Buffer.from('\r\n'), out.body]);
    const lines = bytes.toString('latin1').replaceAll('\r\n', '\n');
    await expect(lines).toMatchFileSnapshot(`posts/${name}.out.eml`);
  });

  test('keeps the marks of other lists, so that a circle of two ends where it began, and has our own once', () => {
    const text = Buffer.from(
      'X-BeenThere: fish@example.net\r\nX-BeenThere: Birds@lists.example.org\r\nFrom: a@b.example\r\n\r\nx',
    );
    const { fields } = rewritePost(post(text)).head;
    const marks = fields.filter(({ name }) => name === 'x-beenthere').map(({ value }) => value);
    expect(marks).toEqual(['birds@lists.example.org', 'fish@example.net']);
    const forwarded = rewriteForward({
      raw: text,
      site,
      sender: { proved: false, policy: 'none', at: 0, ownDomains: [] },
      trace: 'from x by y',
      via: 'fish-owner@lists.example.org',
    });
    expect(renderHead(forwarded.head).toString()).toContain('X-BeenThere: fish@example.net\r\n');
  });

  test.each([
    ['says List-Post: NO where only owners post', { post: 'owners' }, 'list-post', 'NO'],
    ['points to no archive where there is none', { archive: 'off' }, 'list-archive', undefined],
    ['keeps the author’s Reply-To', {}, 'reply-to', 'Desk <desk@example.com>'],
    [
      'sends answers to the list beside the author’s own Reply-To',
      { reply_to: 'list' },
      'reply-to',
      'birds@lists.example.org, Desk <desk@example.com>',
    ],
    ['sends answers to a fixed address', { reply_to: 'desk@example.net' }, 'reply-to', 'desk@example.net'],
  ] satisfies [string, Partial<ListSettings>, string, string | undefined][])(
    '%s',
    (_, settings, name, value) => {
      const out = rewritePost(post(plain, settings)).head;
      expect(findField(out, name)?.value).toBe(value);
    },
  );

  test.each([
    ['list', 'birds@lists.example.org'],
    ['both', 'birds@lists.example.org, Alice <alice@example.com>'],
    ['author', undefined],
  ])('reply_to = %s without a Reply-To of the author', (reply_to, value) => {
    const out = rewritePost(post(withoutReplyTo, { reply_to })).head;
    expect(findField(out, 'reply-to')?.value).toBe(value);
  });

  test('tells everybody how to leave, without one-click, when a copy has several recipients', () => {
    const out = rewritePost({ ...post(plain), forEverybody: true }).head;
    expect(findField(out, 'list-unsubscribe')?.value).toBe(
      '<https://lists.example.org/birds/leave>, <mailto:birds-leave@lists.example.org?subject=unsubscribe>',
    );
    expect(findField(out, 'list-unsubscribe-post')).toBeUndefined();
  });

  test.each([
    ['without lines that are no field', 'Hello there\r\n again', ''],
    ['without a mark of a mailbox', 'From a@b.example Sat Nov 21 10:00:00 2026', ''],
    ['with a colon behind each name', 'Subject : Nests', 'Subject: Nests\r\n'],
    ['with one on a line of its own', 'Subject\r\n : Nests', 'Subject: Nests\r\n'],
    [
      'with a blank before it where that is signed',
      'DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=a.example; s=s; h=from:subject; bh=x; b=y\r\nSubject : Nests',
      'DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=a.example; s=s; h=from:subject; bh=x; b=y\r\nSubject : Nests\r\n',
    ],
  ])('goes out %s', (_, lines, left) => {
    const raw = Buffer.from(`${lines}\r\nFrom: a@b.example\r\n\r\nx\r\n`);
    const { head, changes } = rewritePost(post(raw));
    const out = renderHead(head).toString();
    expect(out.slice(out.indexOf('10:00:01 +0000\r\n') + 16)).toBe(`${left}From: a@b.example\r\n`);
    const isChanged = changes.some(({ why }) => /no field|no blank/.test(why));
    expect(isChanged).toBe(!lines.startsWith('DKIM'));
  });

  test.each<[string, Partial<PostToRewrite['sender']>, Partial<ListSettings>, number]>([
    ['whoever wrote it says so', {}, {}, 0],
    ['the same on a list that names nobody', {}, { anonymous: true }, 0],
    ['the same, refused somewhere as it was', { forced: 'it was refused' }, {}, 0],
    ['a moderator here did so', { forced: 'a moderator changed it', edited: true }, {}, 1],
  ])('says that it was edited only where it was: %s', (_, sender, settings, count) => {
    const given = post(Buffer.concat([Buffer.from('X-Moderated-Edit: olga\r\n'), plain]), settings);
    const { head } = rewritePost({ ...given, sender: { ...given.sender, ...sender } });
    expect(findFields(head, 'x-moderated-edit')).toHaveLength(count);
  });

  test('never carries raw 8-bit bytes of the author into a field of ours', () => {
    const mail = Buffer.from('From: a@example.com\r\nList-Id: \xe9 <x.example.net>\r\n\r\nx', 'latin1');
    expect(findField(rewritePost(post(mail)).head, 'x-original-list-id')).toBeUndefined();
  });
});

describe('signatures that no longer fit', () => {
  test.each<[string, Partial<ListSettings>, string[]]>([
    ['go, and the others stay', { subject_tag: '[Birds]', dmarc: 'never' }, ['esp.example']],
    [
      'stay where the list wants it so',
      { subject_tag: '[Birds]', dmarc: 'never', keep_broken_signatures: true },
      ['reject.example', 'esp.example'],
    ],
    ['all go with the From that they cover', { dmarc: 'always' }, []],
    ['are none where nothing covered changes', { dmarc: 'never' }, ['reject.example', 'esp.example']],
  ])('%s', (_, settings, left) => {
    const { head } = rewritePost({ ...post(wire('posts/tagged.in.eml'), settings), alias });
    const domains = findFields(head, 'dkim-signature').map(({ value }) => /d=([^;]+)/.exec(value)?.[1]);
    expect(domains).toEqual(left);
  });
});

describe('hostile mail', () => {
  const once = ['from', 'reply-to', 'subject', 'x-original-from', 'list-id', 'list-post', 'precedence'];
  const settings = {
    dmarc: 'always',
    subject_tag: '[Birds %d]',
    reply_to: 'both',
    footer: 'standard',
  } as const;

  function check(raw: Buffer) {
    const { head, body } = rewritePost({ ...post(raw, settings), alias });
    const bytes = Buffer.concat([renderHead(head), Buffer.from('\r\n'), body]).toString('latin1');
    expect(bytes.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const written = readHead(Buffer.from(bytes, 'latin1'));
    for (const name of once) expect(findFields(written, name).length).toBeLessThan(2);
    return written;
  }

  test.each<[string, string]>([
    ['a name that ends the field', 'From: =?utf-8?Q?Eve=0D=0ABcc:_x@y.example?= <eve@example.com>'],
    ['a name in the other direction', 'From: =?utf-8?B?4oCuZXZF4oCs?= <eve@example.com>'],
    ['a name that is an address', 'From: "alice@bank.example" <eve@example.com>'],
    ['a Reply-To of raw bytes', 'From: eve@example.com\r\nReply-To: \xff\xfe <x@y.example>'],
    ['a Reply-To of one long word', `From: eve@example.com\r\nReply-To: ${'x'.repeat(5000)}@y.example`],
    ['a subject of 200 KB', `From: eve@example.com\r\nSubject: ${'=?utf-8?Q?a?= '.repeat(14_000)}`],
    ['a subject of one word of 200 KB', `From: eve@example.com\r\nSubject: ${'x'.repeat(200_000)}`],
    ['a List-Id of one word', `From: eve@example.com\r\nList-Id: <${'x'.repeat(3000)}>`],
    ['several authors', 'From: eve@example.com, alice@example.com'],
    ['no author', 'Subject: x'],
    [
      'two of each, as an archive may have them',
      'From: eve@example.com\r\nSubject: a\r\nSubject: b\r\nReply-To: a@b.example\r\nReply-To: c@d.example',
    ],
  ])('%s makes a mail that everybody reads alike', (_, head) => {
    check(Buffer.from(`${head}\r\n\r\nx\r\n`, 'latin1'));
  });

  test('of any kind goes out as fields and lines', () => {
    const word = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.replace(/[\r\n]/g, ''));
    const name = fc.constantFrom(
      'From',
      'Subject',
      'Reply-To',
      'List-Id',
      'Sender',
      'To',
      'DKIM-Signature',
      'X',
    );
    const fields = fc.uniqueArray(fc.tuple(name, word), { selector: ([field]) => field, maxLength: 8 });
    fc.assert(
      fc.property(fields, word, (some, text) => {
        const lines = [
          'From: Eve <eve@example.com>',
          ...some.filter(([field]) => field !== 'From').map((field) => field.join(': ')),
        ];
        check(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}\r\n`));
      }),
    );
  });
});

describe('the head of one copy', () => {
  test('names the membership in a one-click link and in an address', () => {
    expect(
      textOf(
        personalHeaders(
          list(),
          site,
          7,
        )({
          leaveAddressToken: 'a'.repeat(15),
          leaveLinkToken: 'b'.repeat(23),
        }),
      ),
    ).toBe(
      `List-Unsubscribe: <https://lists.example.org/u/${'b'.repeat(23)}>,\r\n` +
        ` <mailto:birds-leave+${'a'.repeat(15)}@lists.example.org?subject=unsubscribe>\r\n` +
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
        'Feedback-ID: p7:birds:post:lwlistsexampleo\r\n',
    );
  });
});

describe('a forward to owners', () => {
  test('is the mail as it came, with our trace and a mark against circles', () => {
    const out = rewriteForward({
      raw: plain,
      site,
      sender: { proved: false, policy: 'none', at: 0, ownDomains: [] },
      trace: 'from x by y',
      via: 'birds-owner@lists.example.org',
    });
    expect(renderHead(out.head).toString('latin1')).toBe(
      'X-BeenThere: birds-owner@lists.example.org\r\nReceived: from x by y\r\n' +
        'From: Alice <alice@example.com>\r\nReply-To: Desk <desk@example.com>\r\n',
    );
  });
});

describe('a mail whose text begins right below its head', () => {
  const text = 'Two eggs.\r\nNote: three.\r\n\r\nAnna\r\n';
  const raw = Buffer.from(`From: Anna <anna@example.org>\r\nSubject: Nests\r\n${text}`);

  test('goes out with all of its text, below an empty line, and that is told', () => {
    const { head, body, changes } = rewritePost(post(raw));
    expect(body.toString()).toBe(text);
    expect(head.fields.every(({ name }) => name !== '' && name !== 'note')).toBe(true);
    expect(changes[0]).toMatchObject({ what: 'an empty line', after: 'between the two' });
  });

  test('gets a footer below its text', () => {
    const { body } = rewritePost(post(raw, { footer: 'standard' }));
    expect(body.toString()).toMatch(
      /^Two eggs\.\r\nNote: three\.\r\n\r\nAnna\r\n\r\n-- \r\nBirds of the north/,
    );
  });

  test('is forwarded so, too', () => {
    const { site, sender, trace } = post(raw);
    const forward = { raw, site, list: list(), via: 'birds-owner@lists.example.org', sender, trace };
    expect(rewriteForward(forward).body.toString()).toBe(text);
  });

  test('loses only a line that stands between fields', () => {
    const broken = Buffer.from(
      raw.toString().replace('Subject', 'oops\r\nSubject').replace(text, `\r\n${text}`),
    );
    const { head, body } = rewritePost(post(broken));
    expect(body.toString()).toBe(text);
    expect(findField(head, 'subject')?.value).toBe('Nests');
    expect(head.fields.every(({ name }) => name !== '')).toBe(true);
  });
});
