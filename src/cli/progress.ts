import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `count` more are done. */
  advance(count?: number): void;
  stop(): void;
}

/** How long something must take before a bar is worth the flicker. */
const patience = 1000;

export function startProgress(stderr: NodeJS.WriteStream, label: string, total?: number): Progress {
  if (!stderr.isTTY) return { advance: () => {}, stop: () => {} };
  const format =
    total === undefined ? `${label} {value}` : `${label} {bar} {value}/{total}, {eta_formatted} left`;
  const bar = new SingleBar({ stream: stderr, format, hideCursor: true, clearOnComplete: true });
  let done = 0;
  let shown = false;
  const timer = setTimeout(() => {
    bar.start(total ?? 0, done);
    shown = true;
  }, patience).unref();
  return {
    advance: (count = 1) => {
      done += count;
      if (shown) bar.update(done);
    },
    stop: () => {
      clearTimeout(timer);
      if (shown) bar.stop();
    },
  };
}
