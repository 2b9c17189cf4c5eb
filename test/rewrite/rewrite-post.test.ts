import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { List, ListId } from '../../src/domain/list.ts';
import type { ListSettings } from '../../src/domain/list-settings.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import type { Site } from '../../src/domain/site.ts';
import { renderHead } from '../../src/mail/edit-head.ts';
import { findField } from '../../src/mail/headers.ts';
import { personalHeaders } from '../../src/rewrite/personal-headers.ts';
import { rewriteForward } from '../../src/rewrite/rewrite-forward.ts';
import { type PostToRewrite, rewritePost } from '../../src/rewrite/rewrite-post.ts';

const site: Site = {
  hostname: 'lists.example.org',
  domains: ['lists.example.org'],
  baseUrl: 'https://lists.example.org',
  maxMessageBytes: 25_000_000,
  giveUp: 1,
  limits: {},
  operators: [],
  senderChecks: 'none',
  trustedSealers: [],
  trustedAuthservIds: [],
  strictDomains: [],
};

/** A mail as a text file of the test folder, with the line ends of the wire. */
const wire = (name: string) =>
  Buffer.from(readFileSync(new URL(name, import.meta.url), 'latin1').replaceAll('\n', '\r\n'), 'latin1');

function list(settings: Partial<ListSettings> = {}): List {
  return {
    id: 1 as ListId,
    name: 'birds',
    domain: 'lists.example.org',
    listId: 'birds.lists.example.org',
    title: 'Birds of the north',
    purpose: '',
    settings: { ...settingsFor('discussion'), ...settings },
    createdAt: 0,
    closedAt: null,
  };
}

function post(text: Buffer, settings?: Partial<ListSettings>): PostToRewrite {
  return {
    raw: text,
    list: list(settings),
    site,
    hash: 'JJIGKPKB6CVDX6B2CUG4IHAJRIQIOUTP',
    number: 7,
    sender: { policy: 'none', ownDomains: ['lists.example.org'] },
    forEverybody: false,
    trace:
      'from mx.example.com ([192.0.2.1]) by lists.example.org with ESMTP id 1; Sat, 21 Nov 2026 10:00:01 +0000',
  };
}

const plain = Buffer.from('From: Alice <alice@example.com>\r\nReply-To: Desk <desk@example.com>\r\n\r\nx');
const withoutReplyTo = Buffer.from('From: Alice <alice@example.com>\r\n\r\nx');

describe('the head that all copies share', () => {
  test('has our fields on top, lacks what the header table removes, and leaves every other byte alone', () => {
    const out = renderHead(rewritePost(post(wire('signed-post.in.eml'))).head);
    expect(out.toString('latin1')).toBe(wire('signed-post.out.eml').toString('latin1'));
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
      sender: { policy: 'none', ownDomains: [] },
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

  test('never carries raw 8-bit bytes of the author into a field of ours', () => {
    const mail = Buffer.from('From: a@example.com\r\nList-Id: \xe9 <x.example.net>\r\n\r\nx', 'latin1');
    expect(findField(rewritePost(post(mail)).head, 'x-original-list-id')).toBeUndefined();
  });
});

describe('the head of one copy', () => {
  test('names the membership in a one-click link and in an address', () => {
    expect(
      personalHeaders(
        list(),
        site,
        7,
      )({
        leaveAddressToken: 'a'.repeat(15),
        leaveLinkToken: 'b'.repeat(23),
      }),
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
      sender: { policy: 'none', ownDomains: [] },
      trace: 'from x by y',
      via: 'birds-owner@lists.example.org',
    });
    expect(renderHead(out.head).toString('latin1')).toBe(
      'X-BeenThere: birds-owner@lists.example.org\r\nReceived: from x by y\r\n' +
        'From: Alice <alice@example.com>\r\nReply-To: Desk <desk@example.com>\r\n',
    );
  });
});
