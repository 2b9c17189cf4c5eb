import { type CompiledQuery, DefaultQueryExecutor, type QueryResult, Transaction } from 'kysely';
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
  const shared = { config: { dialect }, dialect, driver: dialect.createDriver() };
  const words = { compiler: dialect.createQueryCompiler(), adapter: dialect.createAdapter() };
  const queries = kyselyConnection(connection);

  /** Kysely's own executor takes six promises to ask a connection that answers at once: twice what SQLite takes for most queries. */
  class DirectExecutor extends DefaultQueryExecutor {
    ended = false;

    constructor() {
      super(words.compiler, words.adapter, { provideConnection: (consumer) => consumer(queries) });
    }

    override executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (this.ended)
        return Promise.reject(new Error('This transaction is over: a query of it was not awaited.'));
      return queries.executeQuery<R>(query);
    }
  }

  return {
    open() {
      const executor = new DirectExecutor();
      return {
        db: new Transaction<Schema>({ ...shared, executor }),
        end() {
          executor.ended = true;
        },
      };
    },
  };
}
