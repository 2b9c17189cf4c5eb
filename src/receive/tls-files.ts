import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** Our certificate and those that lead to a known authority, PEM. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads both and proves that they belong together; throws a sentence for the operator. */
export async function loadTlsPair({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificate ${certFile} with the key ${keyFile} cannot be used: ${why}`, { cause });
  }
}

/**
 * Calls `changed` with each new pair that works and `broken` with each that does not, such as the moment when only one of the
 * two files is written. Asks the file system every `interval` milliseconds: that sees a symbolic link turned to another
 * directory (certbot) and file systems that send no events, which fs.watch does not. Returns the way to stop.
 */
export function watchTlsFiles(
  files: TlsFiles,
  interval: number,
  heard: { changed(pair: TlsPair): void; broken(error: unknown): void },
): () => void {
  const reload = () => {
    loadTlsPair(files).then(heard.changed, heard.broken);
  };
  const paths = [files.certFile, files.keyFile];
  for (const path of paths) watchFile(path, { interval, persistent: false }, reload);
  return () => {
    for (const path of paths) unwatchFile(path, reload);
  };
}
