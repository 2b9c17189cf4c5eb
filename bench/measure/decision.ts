import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../../src/domain/actor.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { CheckedMail } from '../../src/domain/incoming.ts';
import type { Decision } from '../../src/domain/verdict.ts';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { importMembers } from '../../src/operations/members/import-members.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { createPerform, type Perform } from '../../src/operations/perform.ts';
import { readText } from '../../src/operations/posting/gather-facts.ts';
import { factsOnArrival } from '../../src/operations/posting/post.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { decide } from '../../src/policy/decide.ts';
import { findListByName } from '../../src/store/lists.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Measurement, spreadOf } from '../figure.ts';
import { makeMails } from '../load/mail.ts';
import { memberAddress } from '../load/members.ts';

const members = 10_000;
const senderRules = 100;
const domain = 'lists.example.org';
const operator: Actor = { kind: 'operator', via: 'cli' };
const proved: Checks = { ...unchecked, identity: { ...unchecked.identity, class: 'verified' } };

/** Target 15: from the bytes of a post to the verdict, in this process; what DNS says is known. */
export const decision: Measurement = {
  name: 'decision',
  async measure({ folder, options }) {
    const dataDir = folder.make('decision');
    const store = await openStore('sqlite:listwright.db', { dataDir });
    const perform = performOver(store);
    await fillList(perform);
    const times: number[] = [];
    for (let run = 0; run <= options.runs; run++) {
      const cost = await cpuOfEach(perform, options.quick ? 300 : 2000);
      // The first warms up.
      if (run > 0) times.push(cost);
    }
    await store.close();
    const ours = spreadOf(times);
    return [
      {
        target: 15,
        what: `decision about a post of 4 KB, ${senderRules} sender rules, ${members.toLocaleString('en')} members: CPU`,
        unit: 'ms',
        ours,
        goal: { text: '< 1 ms', met: ours.median < 1 },
      },
    ];
  },
};

/** Milliseconds of CPU, of all threads, for each of many different posts of different members. */
async function cpuOfEach(perform: Perform, posts: number): Promise<number> {
  const mails = Array.from({ length: posts }, (_, i) =>
    makeMails(1, { from: memberAddress((i * 37) % members), to: `birds@${domain}`, bytes: 4096 }),
  ).flat();
  const before = process.cpuUsage();
  for (const raw of mails) {
    const { verdict } = await perform(decideOnly, operator, { raw });
    if (verdict !== 'accept') throw new Error(`a post of a member was not accepted, but: ${verdict}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / posts;
}

/** What happens between the door and the commit, and writes nothing. */
const decideOnly: Operation<{ raw: Buffer }, Decision> = {
  name: 'decide',
  kind: 'query',
  summary: 'Decides about a post.',
  input: z.custom<{ raw: Buffer }>(),
  authorise: () => {},
  run: async (context, { raw }) => {
    const list = await findListByName(context.tx, { name: 'birds', domain });
    if (!list) throw new Error('the list is gone');
    const mail = asReceived(raw);
    const { facts } = await factsOnArrival(context, list, { mail, text: readText(raw), proofPending: false });
    return decide(facts);
  },
};

function asReceived(raw: Buffer): CheckedMail {
  const facts = readFacts(raw, readHead(raw), domain);
  return {
    envelopeSender: facts.author?.email ?? '',
    recipients: [],
    raw,
    facts,
    peer: { protocol: 'smtp', ip: '192.0.2.1', helo: 'client.example', trusted: false, tls: true },
    checks: proved,
  };
}

async function fillList(perform: Perform): Promise<void> {
  await perform(createList, operator, { address: `birds@${domain}`, owners: ['owner@example.org'] });
  for (let from = 0; from < members; from += 500) {
    const some = Array.from({ length: 500 }, (_, i) => ({ email: memberAddress(from + i) }));
    await perform(importMembers, operator, { list: 'birds', consent: 'a benchmark', members: some });
  }
  for (let i = 0; i < senderRules; i++) {
    const list = i % 10 === 0 ? null : 'birds';
    await perform(setSenderRule, operator, { list, pattern: patternOf(i), action: 'discard' });
  }
}

/** As lists that have them have them: mostly addresses, some domains, and every fifth a regular expression. */
function patternOf(i: number): string {
  if (i % 5 === 0) return `/^promo${i}[-+.].*@(?:mail|news)${i}\\.example$/`;
  return i % 5 === 1 ? `*@spam${i}.example` : `spammer${i}@example.com`;
}

function performOver(store: Store): Perform {
  return createPerform({
    store,
    site: {
      hostname: domain,
      domains: [domain],
      baseUrl: `https://${domain}`,
      maxMessageBytes: 25 * 1024 * 1024,
      giveUp: 72 * 3_600_000,
      limits: {},
      operators: [],
      senderChecks: 'own',
      trustedSealers: [],
      trustedAuthservIds: [],
      strictDomains: [],
    },
    keys: { secrets: [randomBytes(32)] },
    now: Date.now,
    randomBytes,
    committed: () => {},
  });
}
