import type { Copies } from './copies.ts';
import { memoryOf } from './wire-message.ts';

/** The messages that wait somewhere to be sent, each counted once however many destinations wait with it. */
export interface HeldMessages {
  /** Bytes of memory that they take. */
  readonly bytes: number;
  hold(copies: Copies): void;
  /** As often as it was held. */
  letGo(copies: Copies): void;
}

export function createHeldMessages(): HeldMessages {
  const holders = new Map<Copies, number>();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    hold(copies) {
      const before = holders.get(copies) ?? 0;
      if (before === 0) bytes += memoryOf(copies.message);
      holders.set(copies, before + 1);
    },
    letGo(copies) {
      const left = (holders.get(copies) ?? 0) - 1;
      if (left > 0) holders.set(copies, left);
      else if (holders.delete(copies)) bytes -= memoryOf(copies.message);
    },
  };
}
