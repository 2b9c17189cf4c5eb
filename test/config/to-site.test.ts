import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { toSite } from '../../src/config/to-site.ts';

it('the site has the configuration’s facts, and no limit where one is switched off', () => {
  const { config } = loadConfig({
    env: {
      LISTWRIGHT_HOSTNAME: 'mx.example.org',
      LISTWRIGHT_DOMAINS: 'lists.example.org,other.example',
      LISTWRIGHT_BASE_URL: 'https://lists.example.org/',
      LISTWRIGHT_OPERATORS: 'Root@example.org',
      LISTWRIGHT_SMTP__MAX_SIZE: '1 MiB',
      LISTWRIGHT_LIMITS__POSTS_PER_LIST: '0',
      LISTWRIGHT_LIMITS__POSTS_PER_SENDER: '3/1m',
    },
    cwd: '/nonexistent',
  });
  expect(toSite(config)).toEqual({
    hostname: 'mx.example.org',
    domains: ['lists.example.org', 'other.example'],
    baseUrl: 'https://lists.example.org',
    maxMessageBytes: 1_048_576,
    giveUp: 259_200_000,
    operators: ['root@example.org'],
    senderChecks: 'none',
    trustedSealers: [],
    trustedAuthservIds: [],
    resultsBelow: 0,
    strictDomains: ['gmail.com', 'googlemail.com'],
    limits: {
      postsPerSender: { count: 3, ms: 60_000 },
      joinsPerNetwork: { count: 30, ms: 3_600_000 },
      confirmationsPerAddress: { count: 5, ms: 86_400_000 },
      repliesPerAddress: { count: 10, ms: 86_400_000 },
      mailToStrangers: { count: 1000, ms: 3_600_000 },
    },
  });
});
