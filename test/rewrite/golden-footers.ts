import { readdirSync, readFileSync } from 'node:fs';
import type { List, ListId } from '../../src/domain/list.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import type { Site } from '../../src/domain/site.ts';
import { footerText } from '../../src/rewrite/footer-text.ts';

/** The golden mails of footers/: `NAME.in.eml` and what becomes of it, `NAME.out.eml`; `left-…` stays as it is. */
const folder = new URL('footers/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => /^(.+)\.in\.eml$/.exec(file)?.[1] ?? []);
export const grownNames = names.filter((name) => !name.startsWith('left-'));
export const leftNames = names.filter((name) => name.startsWith('left-'));

/** The mail of a file, with the line ends of the wire. */
export function golden(file: string): Buffer {
  return Buffer.from(readFileSync(new URL(file, folder), 'latin1').replaceAll('\n', '\r\n'), 'latin1');
}

export function listWith(settings: Partial<List['settings']>, title = 'Birds of the north'): List {
  return {
    id: 1 as ListId,
    name: 'birds',
    domain: 'lists.example.org',
    listId: 'birds.lists.example.org',
    title,
    purpose: '',
    settings: { ...settingsFor('discussion'), ...settings },
    createdAt: 0,
    closedAt: null,
  };
}

export const site: Site = {
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

export const standardFooter = footerText(listWith({ footer: 'standard' }), site) ?? '';

export function mail(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
