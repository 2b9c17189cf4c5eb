import { randomBytes } from 'node:crypto';
import type { Actor } from '../../src/domain/actor.ts';
import type { HmacKeys } from '../../src/domain/keys.ts';
import type { Site } from '../../src/domain/site.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { createPerform, type Perform } from '../../src/operations/perform.ts';
import type { Store } from '../../src/store/store.ts';
import { plainSite } from './plain.ts';

/** Operations over a real store, with a clock that stands still until it is moved. */
export interface Desk {
  readonly store: Store;
  readonly site: Site;
  readonly keys: HmacKeys;
  readonly perform: Perform;
  /** As the operator. */
  operate<I, O>(operation: Operation<I, O>, input: unknown): Promise<O>;
  /** Epoch milliseconds of the next operation; starts at 2026-11-21 12:00 UTC. */
  now: number;
}

export const testSite: Site = { ...plainSite, operators: ['root@example.org'] };

export const operator: Actor = { kind: 'operator', via: 'cli' };

export function createDesk(store: Store, site: Partial<Site> = {}): Desk {
  const whole = { ...testSite, ...site };
  const keys: HmacKeys = { secrets: [randomBytes(32)] };
  const perform = createPerform({
    store,
    site: whole,
    keys,
    now: () => desk.now,
    randomBytes: (length) => randomBytes(length),
    committed: () => {},
  });
  const desk: Desk = {
    store,
    site: whole,
    keys,
    perform,
    operate: (operation, input) => perform(operation, operator, input),
    now: Date.UTC(2026, 10, 21, 12),
  };
  return desk;
}
