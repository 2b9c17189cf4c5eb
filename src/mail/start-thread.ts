import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a worker thread from the `.ts` file beside its caller: `new URL('./read-thread.ts', import.meta.url)`. */
export function startThread(entry: URL, options: WorkerOptions): Worker {
  // As built, it is a `.js` file; from source (tests, benchmarks) tsx has to be registered inside the thread first.
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(entry.href.replace(/\.ts$/, '.js')), options);
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry.href}'); })`;
  return new Worker(bootstrap, { ...options, eval: true });
}
