import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type LimitNode,
  type OffsetNode,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection } from './sqlite-connection.ts';

/**
 * Kysely on one connection that somebody else serialises (group-commit.ts, or the migrator before anybody else is there), so it
 * needs no mutex; transactions begin IMMEDIATE, because one that upgrades from reading cannot wait and fails.
 */
export function sqliteDialect(connection: SqliteConnection): Dialect {
  return {
    createDriver: () => driverOf(kyselyConnection(connection)),
    createQueryCompiler: () => new StablePlanCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** The face of a connection that Kysely's executors talk to. */
export function kyselyConnection(connection: SqliteConnection): DatabaseConnection {
  return {
    executeQuery: <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      try {
        return Promise.resolve(run<R>(connection, sql, parameters));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    // An open iterator would lock the connection for everybody else.
    // biome-ignore lint/correctness/useYield: it always throws
    streamQuery: async function* () {
      throw new Error('Nothing streams from the store: read page by page, from the last key seen.');
    },
  };
}

function run<R>(connection: SqliteConnection, sql: string, parameters: readonly unknown[]): QueryResult<R> {
  const statement = connection.prepare(sql);
  if (statement.reader) return { rows: statement.all(...parameters) as R[] };
  const { changes, lastInsertRowid } = statement.run(...parameters);
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
}

/**
 * SQLite plans a statement anew, for 10 to 300 µs, each time a value is bound that is all there is of a LIMIT or an OFFSET: its plan
 * may depend on it. With a sum it does not look.
 */
class StablePlanCompiler extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    super.visitLimit(node);
    this.append(' + 0');
  }

  protected override visitOffset(node: OffsetNode): void {
    super.visitOffset(node);
    this.append(' + 0');
  }
}

/** SQLite's DDL is transactional: a migration that fails leaves nothing behind. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function driverOf(connection: DatabaseConnection): Driver {
  const say = async (sql: string) => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: () => say('begin immediate'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    destroy: async () => {},
  };
}
