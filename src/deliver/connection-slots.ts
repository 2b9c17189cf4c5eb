/** Connections of all destinations together. */
export interface ConnectionSlots {
  /** Whether one more may be opened; `first`: the destination has none yet. If not, `holder` is told when it may ask again. */
  take(holder: SlotHolder, first: boolean): boolean;
  giveBack(): void;
  forget(holder: SlotHolder): void;
}

export interface SlotHolder {
  /** There is room for another connection. */
  roomAgain(): void;
  /** Ends a connection that does nothing, if it has one. */
  endIdle(): boolean;
}

/** A part is for those who have none yet: a destination that came late must not wait for the busy ones. */
const shareForFirst = 0.2;

export function createConnectionSlots(most: number): ConnectionSlots {
  let used = 0;
  const holders = new Set<SlotHolder>();
  /** In the order in which they asked. */
  const waiting = new Set<SlotHolder>();
  return {
    take(holder, first) {
      holders.add(holder);
      const limit = first ? most : Math.floor(most * (1 - shareForFirst));
      if (used < limit) {
        used += 1;
        return true;
      }
      waiting.add(holder);
      // Its end gives the slot back, and whoever waits is told.
      for (const other of holders) if (other !== holder && other.endIdle()) break;
      return false;
    },
    giveBack() {
      used -= 1;
      for (const next of [...waiting]) {
        const before = used;
        waiting.delete(next);
        // Who may not, because it has some already, waits again.
        next.roomAgain();
        if (used > before) return;
      }
    },
    forget(holder) {
      holders.delete(holder);
      waiting.delete(holder);
    },
  };
}
