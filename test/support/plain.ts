import type { List, ListId } from '../../src/domain/list.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import type { Site } from '../../src/domain/site.ts';

/** A site with one mail domain that checks nobody and limits nothing: a test spreads it and says what matters there. */
export const plainSite: Site = {
  hostname: 'lists.example.org',
  domains: ['lists.example.org'],
  baseUrl: 'https://lists.example.org',
  maxMessageBytes: 25 * 1024 * 1024,
  giveUp: 72 * 3_600_000,
  limits: {},
  operators: [],
  senderChecks: 'none',
  trustedSealers: [],
  trustedAuthservIds: [],
  strictDomains: [],
};

/** `birds`, a discussion list that no store has, with other settings where a test says so. */
export function plainList(settings: Partial<List['settings']> = {}, title = 'Birds of the north'): List {
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
