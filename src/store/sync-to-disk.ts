import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A file's contents, or the names in a folder. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
