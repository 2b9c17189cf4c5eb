import type { SqliteConnection } from './sqlite-connection.ts';

const pollMs = 500;

/** Tells listeners when another connection than this one has committed: SQLite counts that, and nothing else, in `data_version`. */
export interface DataVersionWatch {
  listen(listener: () => void): () => void;
  stop(): void;
}

export function watchDataVersion({ raw }: SqliteConnection): DataVersionWatch {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let seen: unknown;

  function poll(): void {
    const version = readVersion();
    if (version === undefined || version === seen) return;
    seen = version;
    for (const listener of [...listeners]) listener();
  }

  /** Undefined when the file cannot be read just now: whoever needs it for more than a hint will say so. */
  function readVersion(): unknown {
    try {
      return raw.pragma('data_version', { simple: true });
    } catch {
      return undefined;
    }
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    listen(listener) {
      listeners.add(listener);
      if (!timer) {
        seen = readVersion();
        timer = setInterval(poll, pollMs).unref();
      }
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    stop,
  };
}
