import type { WholeMailing } from '../domain/mailing.ts';

/** Mailings that this process has just written, for whoever makes their copies next: to read them back would cost as much as a third of making them. */
export interface ExpectedMailings {
  add(mailing: WholeMailing): void;
  /** Once; undefined where it has to be read. */
  take(mailingId: number): WholeMailing | undefined;
}

/** The list may have been changed or deleted since, in milliseconds: what takes longer is read. */
const freshMs = 1_000;
/** Of these not many wait; a large one is not worth its memory. */
const most = 200;
const largest = 64 * 1024;

/** `now`: epoch milliseconds. */
export function createExpectedMailings(now: () => number): ExpectedMailings {
  const expected = new Map<number, { readonly mailing: WholeMailing; readonly at: number }>();

  return {
    add(mailing) {
      if (mailing.raw.length > largest) return;
      for (const [id, { at }] of expected) {
        if (expected.size < most && now() - at < freshMs) break;
        expected.delete(id);
      }
      expected.set(mailing.mailing.id, { mailing, at: now() });
    },
    take(mailingId) {
      const found = expected.get(mailingId);
      expected.delete(mailingId);
      return found && now() - found.at < freshMs ? found.mailing : undefined;
    },
  };
}
