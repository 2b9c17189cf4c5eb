import { type DatabaseConnection, Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { kyselyConnection, sqliteDialect } from './sqlite-dialect.ts';
import type { Db } from './store.ts';

/** Makes the `db` or `tx` that a work is given: it runs queries, and cannot begin or end transactions. */
export interface SqliteHandles {
  /** Queries fail once `end` was called: a work that forgot an `await` must not write into another one's savepoint. */
  open(): { readonly db: Db; end(): void };
}

export function sqliteHandles(connection: SqliteConnection): SqliteHandles {
  const dialect = sqliteDialect(connection);
  const executor = new Kysely<Schema>({ dialect }).getExecutor();
  const shared = { config: { dialect }, dialect, driver: dialect.createDriver() };
  const queries = kyselyConnection(connection);
  return {
    open() {
      let ended = false;
      const provideConnection = async <T>(consumer: (connection: DatabaseConnection) => Promise<T>) => {
        if (ended) throw new Error('This transaction is over: a query of it was not awaited.');
        return consumer(queries);
      };
      return {
        db: new Transaction<Schema>({
          ...shared,
          executor: executor.withConnectionProvider({ provideConnection }),
        }),
        end() {
          ended = true;
        },
      };
    },
  };
}
