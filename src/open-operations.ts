import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { findPublishedKey } from './checks/published-key.ts';
import type { Archives, OpenOperations } from './cli/frame.ts';
import type { LoadedConfig } from './config/load.ts';
import { toSite } from './config/to-site.ts';
import { createResolver } from './dns/resolver.ts';
import type { Actor } from './domain/actor.ts';
import type { PublishedKey } from './domain/dkim-key.ts';
import { type ArchiveTarget, emlTarget, maildirTarget, mboxTarget } from './mail/archive-target.ts';
import { createExtractPool } from './mail/extract-pool.ts';
import { makePrivateKey } from './mail/signing-key.ts';
import { runExport } from './operations/archive/export-archive.ts';
import { runImport } from './operations/archive/run-import.ts';
import type { DkimKeyReport } from './operations/keys/describe-dkim-key.ts';
import { createPerform, type Perform } from './operations/perform.ts';
import { loadOrMakeHmacKeys } from './store/keys.ts';
import { openStore } from './store/open-store.ts';

/**
 * For a command of the operator, beside the server or without one: the same store and operations, no doors. A running server notices
 * within a second what is committed here.
 */
export async function openOperations(
  { config }: LoadedConfig,
  { upgrade, stdout }: { readonly upgrade: boolean; readonly stdout: Writable },
): Promise<OpenOperations> {
  const schema = upgrade ? 'upgrade' : 'new';
  const store = await openStore(config.database.url, { dataDir: config.data_dir, schema });
  const keys = await loadOrMakeHmacKeys(store, randomBytes, Date.now());
  const site = toSite(config);
  const perform = createPerform({ store, site, keys, now: Date.now, randomBytes, committed: () => {} });
  return {
    perform,
    site,
    store,
    archives: archivesWith(perform, config.hostname, stdout),
    examine: async (raw, envelope) =>
      (await import('./examine-mail.ts')).examineMail({ config, site }, raw, envelope),
    dkim: {
      findPublished: (key) => askForKey(config.checks.dns_servers, key),
      makePrivate: makePrivateKey,
    },
    close: () => store.close(),
  };
}

async function askForKey(servers: readonly string[], key: DkimKeyReport): Promise<PublishedKey> {
  const resolver = createResolver({ servers, now: () => performance.now() });
  const asked =
    servers.length > 0 ? `${servers.join(', ')} (checks.dns_servers)` : 'the system’s name server';
  try {
    return await findPublishedKey(key, (name, type) => resolver.resolve(name, type), asked);
  } finally {
    resolver.close();
  }
}

const operator: Actor = { kind: 'operator', via: 'cli' };

function archivesWith(perform: Perform, hostname: string, stdout: Writable): Archives {
  return {
    importFrom: async (request) => {
      const pool = createExtractPool({ hostname, threads: 2 });
      try {
        return await runImport({ perform, pool }, { ...request, actor: operator });
      } finally {
        await pool.close();
      }
    },
    exportTo: async ({ format, path, ...request }) => {
      const { target, end, discard } = await openTarget(format, path, stdout);
      try {
        const written = await runExport(perform, { ...request, actor: operator, target });
        await end();
        return written;
      } catch (error) {
        await discard();
        throw error;
      }
    },
  };
}

interface OpenTarget {
  readonly target: ArchiveTarget;
  end(): Promise<void>;
  /** Instead of `end`, where the export failed: an mbox that is cut short does not look like it. */
  discard(): Promise<void>;
}

async function openTarget(
  format: 'mbox' | 'maildir' | 'eml',
  path: string | undefined,
  stdout: Writable,
): Promise<OpenTarget> {
  const nothing = async () => {};
  const kept = (target: ArchiveTarget) => ({ target, end: nothing, discard: nothing });
  if (path === undefined) return kept(mboxTarget(stdout));
  if (format === 'maildir') return kept(await maildirTarget(path));
  if (format === 'eml') return kept(await emlTarget(path));
  return openMbox(path);
}

async function openMbox(path: string): Promise<OpenTarget> {
  const file = (await open(path, 'wx', 0o600)).createWriteStream();
  const ended = finished(file);
  // The write that fails tells it.
  ended.catch(() => {});
  return {
    target: mboxTarget(file),
    end: () => {
      file.end();
      return ended;
    },
    discard: async () => {
      file.destroy();
      await rm(path, { force: true });
    },
  };
}
