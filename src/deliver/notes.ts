import type { Answer } from '../domain/outcome.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Postponement } from '../store/postpone.ts';
import type { Settlement } from '../store/settle.ts';
import type { Sent, SentJournal } from './sent-journal.ts';

/** What happened and is not written down yet. */
export interface Notes {
  /** Nothing has happened since. */
  readonly none: boolean;
  /** It is time to write: what was sent can wait a little where a journal has it; the rest cannot. */
  readonly due: boolean;
  settle(settlement: Settlement): void;
  release(deliveries: readonly ClaimedDelivery[], reason: string | null): void;
  postpone(deliveries: readonly ClaimedDelivery[], wait: Wait): void;
  /** Only an operator can help: why. */
  halt(reason: string): void;
  /** As much as is written in one transaction. */
  take(): Noted;
  /** It could not be written. */
  giveBack(noted: Noted): void;
  /** All that was taken is in the database. */
  written(): void;
  /** There will be no more. */
  close(): void;
}

/** What is written while none of it is due. */
export const nothingNoted: Noted = { settlements: [], released: [], postponed: [], halted: undefined };

export interface Noted {
  readonly settlements: readonly Settlement[];
  readonly released: readonly Release[];
  readonly postponed: readonly Postponement[];
  readonly halted: string | undefined;
}

/** Until when some deliveries wait, and for what; `why` undefined: for those before them. */
export interface Wait {
  readonly until: number;
  readonly why?: Answer | undefined;
  /** They fail where their mailing is as old as this, in milliseconds. */
  readonly finalAfter?: number;
}

/** A delivery that goes back into the queue untried. */
export interface Release {
  readonly id: number;
  readonly reason: string | null;
}

export interface NotesParts {
  /** Without one, what was sent is written at once, or a crash would repeat more than two copies a connection. */
  readonly journal: SentJournal | undefined;
  /** Other nodes go on with what this one leaves, and cannot read its journal: nothing waits, though it is entered. */
  readonly others: boolean;
  /** It has become time to write. */
  becameDue(): void;
  /** Some were sent, of which it is not time to write: there may be room for others. */
  entered(): void;
}

/** Some milliseconds. */
const most = 2_000;
/** What the journal has is written after so many milliseconds: who waits for copies comes first. */
const patience = 25;

export function createNotes({ journal, others, becameDue, entered }: NotesParts): Notes {
  const settlements: Settlement[] = [];
  const released: Release[] = [];
  const postponed: Postponement[] = [];
  let halted: string | undefined;
  let due = false;
  /** Sent in this turn of the event loop. */
  let fresh: Sent[] = [];
  let timer: NodeJS.Timeout | undefined;

  function makeDue(): void {
    clearTimeout(timer);
    timer = undefined;
    due = !isEmpty();
    if (due) becameDue();
  }

  /** At the end of the turn that read the replies: no connection can have begun more than one message since. */
  function enterIntoJournal(): void {
    const sent = fresh;
    fresh = [];
    if (!journal?.note(sent) || others) makeDue();
    else {
      timer ??= setTimeout(makeDue, patience);
      entered();
    }
  }

  function isEmpty(): boolean {
    return settlements.length + released.length + postponed.length === 0 && halted === undefined;
  }

  return {
    get none() {
      return isEmpty();
    },
    get due() {
      return due;
    },
    settle(settlement) {
      settlements.push(settlement);
      if (settlement.kind !== 'sent' || !journal) return makeDue();
      if (fresh.length === 0) setImmediate(enterIntoJournal);
      fresh.push(settlement);
    },
    release(deliveries, reason) {
      for (const { id } of deliveries) released.push({ id, reason });
      if (deliveries.length > 0) makeDue();
    },
    postpone(deliveries, { until, why, finalAfter = null }) {
      const code = why?.kind === 'reply' ? why.reply.code : null;
      const reply = why && (why.kind === 'reply' ? why.reply.text : why.why);
      for (const { id } of deliveries) postponed.push({ id, until, code, reply: reply ?? null, finalAfter });
      if (deliveries.length > 0) makeDue();
    },
    halt(reason) {
      halted = reason;
      makeDue();
    },
    take() {
      const noted = {
        settlements: settlements.splice(0, most),
        released: released.splice(0, most),
        postponed: postponed.splice(0, most),
        halted,
      };
      halted = undefined;
      due = !isEmpty();
      clearTimeout(timer);
      timer = undefined;
      return noted;
    },
    giveBack(noted) {
      settlements.unshift(...noted.settlements);
      released.unshift(...noted.released);
      postponed.unshift(...noted.postponed);
      halted ??= noted.halted;
      due = true;
    },
    written() {
      journal?.written(settlements.filter((settlement) => settlement.kind === 'sent'));
    },
    close() {
      clearTimeout(timer);
      // What the database did not take stays in the journal, for the next start.
      if (isEmpty()) journal?.close();
    },
  };
}
