import type { HmacKeys } from '../domain/keys.ts';
import type { Log } from '../domain/log.ts';
import type { RetrySchedule } from '../domain/retry.ts';
import type { Site } from '../domain/site.ts';
import type { Store } from '../store/store.ts';
import type { CopyParts } from './copies.ts';
import { createCopyShelf } from './copy-shelf.ts';
import type { DestinationEvents, Destinations } from './destinations.ts';
import { createManyDestinations } from './direct/many-destinations.ts';
import { createHeldMessages } from './held-messages.ts';
import { createKeyring } from './keyring.ts';
import { createOnlyDestination } from './only-destination.ts';
import { messageBudget } from './preparation.ts';
import type { Way } from './way.ts';

export interface SendingParts {
  readonly store: Store;
  /** One way for all mail, or to each recipient's own mail servers. */
  readonly way: Way;
  readonly keys: HmacKeys;
  readonly site: Site;
  readonly settings: SendingSettings;
  readonly log: Log;
  now(): number;
  /** 0 to 1. */
  random(): number;
}

export interface SendingSettings {
  readonly retry: RetrySchedule;
  readonly personalize: CopyParts['personalize'];
  readonly signs: boolean;
  readonly seals: boolean;
}

/** One destination or many, as the way is, with what all of them share: copies, the memory these may take, keys. */
export function createDestinations(parts: SendingParts, events: DestinationEvents): Destinations {
  const { store, way, settings, keys, site, log, now, random } = parts;
  const copies = { ...settings, keys, site, keyring: createKeyring(), now: () => now() };
  const surroundings = {
    shelf: createCopyShelf(store, copies, messageBudget),
    held: createHeldMessages(),
    signing: { used: 0 },
    retry: settings.retry,
    log,
    now: () => now(),
    random: () => random(),
  };
  return way.kind === 'one'
    ? createOnlyDestination(way.transport, surroundings, events)
    : createManyDestinations(way.routes, surroundings, events);
}
