import {
  type Compilable,
  type CompiledQuery,
  type Expression,
  type InsertQueryBuilder,
  type InsertResult,
  type QueryResult,
  type SqlBool,
  sql,
} from 'kysely';
import { isPostgres } from './json-rows.ts';
import type { Schema } from './schema.ts';
import type { Db } from './store.ts';

/**
 * A query that is built and compiled once and then run with values, for the ones that run for each post: building and compiling
 * cost three times what SQLite takes to answer.
 *
 *     const listByName = statement((db, given: Given<{ name: string; domain: string }>) =>
 *       db.selectFrom('lists').selectAll().where('name', '=', given.name).where('domain', '=', given.domain));
 *     const list = await listByName.first(tx, { name: 'birds', domain: 'lists.example.org' });
 *
 * The query's text may not depend on the values: no `in` over a list of them, no rows of varying number.
 */
export interface Statement<Values, Row> {
  all(db: Db, values: Values): Promise<Row[]>;
  first(db: Db, values: Values): Promise<Row | undefined>;
  /** For a query that returns no rows: how many it changed. */
  run(db: Db, values: Values): Promise<number>;
}

/** The values as the query under construction sees them: each stands where its value will be. */
export type Given<Values> = { readonly [Name in keyof Values]: Expression<Values[Name]> };

export function statement<Values extends object, Row>(
  build: (db: Db, given: Given<Values>) => Compilable<Row>,
): Statement<Values, Row> {
  const execute = compiledOnce(build);
  return {
    all: async (db, values) => (await execute(db, values)).rows,
    first: async (db, values) => (await execute(db, values)).rows[0],
    run: async (db, values) => Number((await execute(db, values)).numAffectedRows ?? 0),
  };
}

/**
 * The same for an insert of one row into a table with an `id`: gives that of the new row, undefined where `on conflict do nothing`
 * kept it out. SQLite tells it without `returning`, which costs as much as one more index.
 */
export function insertion<Values extends object, Table extends keyof Schema>(
  build: (db: Db, given: Given<Values>) => InsertQueryBuilder<Schema, Table, InsertResult>,
): (db: Db, values: Values) => Promise<number | undefined> {
  const execute = compiledOnce<Values, { id?: number }>((db, given) =>
    isPostgres(db) ? build(db, given).returning(sql<number>`id`.as('id')) : build(db, given),
  );
  return async (db, values) => {
    const { rows, insertId, numAffectedRows } = await execute(db, values);
    return rows[0]?.id ?? (numAffectedRows ? Number(insertId) : undefined);
  };
}

function compiledOnce<Values extends object, Row>(
  build: (db: Db, given: Given<Values>) => Compilable<Row> | Compilable<InsertResult>,
): (db: Db, values: Values) => Promise<QueryResult<Row>> {
  const compiled = new Map<unknown, CompiledQuery<Row>>();
  const compiledFor = (db: Db) => {
    // In the words of each engine: both may be open, as in the tests.
    const engine = db.getExecutor().adapter.constructor;
    const known = compiled.get(engine);
    if (known) return known;
    const query = build(db, places<Values>()).compile() as CompiledQuery<Row>;
    compiled.set(engine, query);
    return query;
  };
  return (db, values) => {
    const query = compiledFor(db);
    const parameters = query.parameters.map((given) =>
      given instanceof Place ? values[given.name as keyof Values] : given,
    );
    return db.executeQuery<Row>({ ...query, parameters });
  };
}

/** Stands among a compiled query's parameters where a value belongs. */
class Place {
  readonly name: PropertyKey;
  constructor(name: PropertyKey) {
    this.name = name;
  }
}

function places<Values>(): Given<Values> {
  return new Proxy({}, { get: (_, name) => sql<SqlBool>`${new Place(name)}` }) as Given<Values>;
}
