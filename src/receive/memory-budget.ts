/** Message bytes that all sessions together may hold; every take is given back. */
export interface MemoryBudget {
  /** Takes `bytes` at once, or not at all. */
  tryTake(bytes: number): boolean;
  /** Waits until `bytes` are free; false when they were not within `patience` milliseconds. */
  take(bytes: number, patience: number): Promise<boolean>;
  give(bytes: number): void;
  /** Whether `tryTake` would succeed. */
  has(bytes: number): boolean;
}

export function createMemoryBudget(size: number): MemoryBudget {
  let taken = 0;
  const waiting = new Set<() => void>();
  const tryTake = (bytes: number) => {
    if (taken + bytes > size) return false;
    taken += bytes;
    return true;
  };
  return {
    tryTake,
    take(bytes, patience) {
      if (tryTake(bytes)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const settle = (won: boolean) => {
          clearTimeout(timer);
          waiting.delete(retry);
          resolve(won);
        };
        const retry = () => {
          if (tryTake(bytes)) settle(true);
        };
        const timer = setTimeout(() => settle(false), patience);
        waiting.add(retry);
      });
    },
    give(bytes) {
      taken -= bytes;
      for (const retry of waiting) retry();
    },
    has: (bytes) => taken + bytes <= size,
  };
}
