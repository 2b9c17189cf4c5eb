import { Kysely } from 'kysely';
import { silentLog } from '../domain/log.ts';
import { createBatchRunner } from './batch.ts';
import { createCheckpointer } from './checkpointer.ts';
import { watchDataVersion } from './data-version.ts';
import { createGroupCommit } from './group-commit.ts';
import { createLogSync } from './log-sync.ts';
import { migrate, schemaState } from './migrate.ts';
import { createNesting } from './nesting.ts';
import { backupSqlite } from './sqlite-backup.ts';
import { checkSqlite } from './sqlite-check.ts';
import { openForReading, openForWriting, type SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { diskFailure, refusalOf } from './sqlite-errors.ts';
import { prepareFile } from './sqlite-file.ts';
import { sqliteHandles } from './sqlite-handle.ts';
import type { OpenOptions, Store } from './store.ts';

/** A store in one file: a connection that writes for everybody in turn, and one that reads beside it. */
export async function openSqlite(file: string, options: OpenOptions): Promise<Store> {
  try {
    prepareFile(file);
    const writer = openForWriting(file);
    try {
      await migrate(new Kysely({ dialect: sqliteDialect(writer) }), 'sqlite', options.schema);
      const reader = openForReading(file);
      return sqliteStore(file, { writer, reader }, options);
    } catch (error) {
      writer.close();
      throw error;
    }
  } catch (error) {
    throw refusalOf(error, file);
  }
}

interface Connections {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
}

function sqliteStore(file: string, { writer, reader }: Connections, options: OpenOptions): Store {
  for (const { raw } of [writer, reader]) raw.pragma('busy_timeout = 0');
  // From now on logSync waits for the disk, not COMMIT, which would hold up the event loop.
  writer.raw.pragma('synchronous = NORMAL');
  const nesting = createNesting(options.checkNesting);
  const readHandle = sqliteHandles(reader).open().db;
  const log = options.log ?? silentLog;
  let broken = false;
  const logSync = createLogSync(`${file}-wal`, (error) => commits.fail(diskFailure(error, file)));
  const commits = createGroupCommit({
    file,
    runBatch: createBatchRunner({ file, connection: writer, handles: sqliteHandles(writer), nesting }),
    log: logSync,
    committed: () => checkpointer.committed(),
    broken(error) {
      if (broken) return;
      broken = true;
      log.error({ err: error }, 'The database cannot be written any more: restart when the disk is well.');
      options.onBroken?.();
    },
  });
  const checkpointer = createCheckpointer({ file, writer, log, damaged: commits.fail });
  const watch = watchDataVersion(writer);

  return {
    capabilities: { skipLocked: false, fullText: 'fts5' },
    async read(work) {
      nesting.assertOutside('store.read');
      try {
        return await work(readHandle);
      } catch (error) {
        throw refusalOf(error, file);
      }
    },
    async write(work, how) {
      nesting.assertOutside('store.write');
      return commits.add(work, { durable: how?.durable !== false, first: how?.first === true });
    },
    onOutsideChange: watch.listen,
    schema: () => schemaState(new Kysely({ dialect: sqliteDialect(reader) })),
    check: async () => checkSqlite(reader, file),
    backup: async (target) => backupSqlite(reader, target),
    async close() {
      watch.stop();
      await commits.close();
      await checkpointer.close();
      await logSync.close();
      // Closing would copy the write-ahead log into the file, from pages that the kernel may have dropped; opening it again checks them.
      if (broken) return;
      reader.close();
      // The last one to leave empties the write-ahead log into the file.
      writer.close();
    },
  };
}
