import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, type SqlBool, sql } from 'kysely';

/**
 * Mail that arrives: keys to sign with, addresses that stand for authors, what is known of addresses that fail, and how the world's mail
 * servers want to be spoken to. Times are epoch milliseconds; a flag that has a moment is that moment.
 */
export async function up(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const postgres = engine === 'postgres';
  const bytes: ColumnDataType = postgres ? 'bytea' : 'blob';
  const time = postgres ? 'bigint' : 'integer';
  const id = (column: ColumnDefinitionBuilder) =>
    postgres ? column.primaryKey().generatedAlwaysAsIdentity() : column.primaryKey();
  const idType = postgres ? 'bigint' : 'integer';
  const make = (name: string) => db.schema.createTable(name).addColumn('id', idType, id);

  // A key signs from activated_at on; one that is retired stays, so that its selector is never used again.
  await make('dkim_keys')
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('selector', 'text', (c) => c.notNull())
    .addColumn('algorithm', 'text', (c) => c.notNull())
    // As the DNS record has it: base64.
    .addColumn('public_key', 'text', (c) => c.notNull())
    // PKCS #8, DER; empty once the key is retired.
    .addColumn('private_key', bytes, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('activated_at', time)
    .addColumn('retired_at', time)
    .addUniqueConstraint('dkim_keys_once', ['domain', 'selector'])
    .execute();

  // `birds-from+TOKEN@` stands for one author on one list, for ever: address books learn it.
  await make('author_aliases')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    // Its author moved to an address that had an alias already: mail to it arrives there, and no post goes out under it any more.
    .addColumn('superseded_at', time)
    .execute();
  await db.schema
    .createIndex('author_aliases_once')
    .unique()
    .on('author_aliases')
    .columns(['list_id', 'email'])
    .where(sql<SqlBool>`superseded_at is null`)
    .execute();

  // What a report, a complaint or a refusal said, by the address it is about. Nothing was made of the reports that were kept until now.
  await db.schema.dropTable('bounces').execute();
  await make('bounces')
    .addColumn('list_id', idType)
    .addColumn('delivery_id', idType)
    // Null: it was said in the session itself, and `said` is all there is.
    .addColumn('body_id', idType, (c) => c.references('bodies.id'))
    .addColumn('received_at', time, (c) => c.notNull())
    // Null: it names nobody, or nobody may be believed to be meant.
    .addColumn('email', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('class', 'text')
    .addColumn('status', 'text')
    .addColumn('said', 'text', (c) => c.notNull())
    // Hundredths of a point that it added to the score of its address.
    .addColumn('points', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('bounces_body').on('bounces').column('body_id').execute();
  await sql`create index bounces_email on bounces (email, id) where email is not null`.execute(db);
  await sql`create index bounces_delivery on bounces (delivery_id, class) where class is not null`.execute(
    db,
  );
  await sql`create index bounces_policy_time on bounces (received_at) where class = 'policy'`.execute(db);

  // One row for each address whose mail fails; addresses without one are well.
  await db.schema
    .createTable('ailing_addresses')
    .addColumn('email', 'text', (c) => c.primaryKey())
    .addColumn('domain', 'text', (c) => c.notNull())
    // Hundredths of a point.
    .addColumn('score', 'integer', (c) => c.notNull())
    // The day (UTC) on which something was counted last, and how much on it: one event a day counts, the gravest.
    .addColumn('counted_on', 'text', (c) => c.notNull())
    .addColumn('counted', 'integer', (c) => c.notNull())
    .addColumn('first_at', time, (c) => c.notNull())
    .addColumn('last_at', time, (c) => c.notNull())
    .addColumn('last_class', 'text', (c) => c.notNull())
    .addColumn('last_said', 'text', (c) => c.notNull())
    .addColumn('suspended_at', time)
    .addColumn('probes', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('probed_at', time)
    // When a suspension, a probe, a resumption or the removal is due; null: nothing is.
    .addColumn('next_at', time)
    // It was taken off its lists, but for those it looks after: nothing more is tried.
    .addColumn('removed_at', time)
    .execute();
  await sql`create index ailing_addresses_next on ailing_addresses (next_at) where next_at is not null`.execute(
    db,
  );
  await db.schema
    .createIndex('ailing_addresses_domain')
    .on('ailing_addresses')
    .columns(['domain', 'first_at'])
    .execute();
  await db.schema.createIndex('ailing_addresses_last').on('ailing_addresses').column('last_at').execute();

  // Members who were taken off because their mail fails, until the owners of the list have been told.
  await make('removals')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('said', 'text', (c) => c.notNull())
    .addColumn('removed_at', time, (c) => c.notNull())
    .execute();
  await db.schema.createIndex('removals_list').on('removals').columns(['list_id', 'id']).execute();

  // While a whole domain fails it is its trouble, not that of its people.
  await db.schema
    .createTable('domain_outages')
    .addColumn('domain', 'text', (c) => c.primaryKey())
    .addColumn('since', time, (c) => c.notNull())
    .addColumn('until', time, (c) => c.notNull())
    .execute();

  // A post that some provider refuses for what it is: nothing more of it goes there until somebody has looked.
  await db.schema
    .createTable('breakers')
    .addColumn('mailing_id', idType, (c) => c.notNull().references('mailings.id'))
    .addColumn('destination', 'text', (c) => c.notNull())
    .addColumn('at', time, (c) => c.notNull())
    .addColumn('until', time, (c) => c.notNull())
    .addColumn('said', 'text', (c) => c.notNull())
    // The same post with its From rewritten, which goes there instead.
    .addColumn('munged_mailing_id', idType, (c) => c.references('mailings.id'))
    // When the operators were told; null: not yet.
    .addColumn('told_at', time)
    .addPrimaryKeyConstraint('breakers_pk', ['mailing_id', 'destination'])
    .execute();

  // How many recipients at a domain have refused a post since it began, or since it was held back last.
  await db.schema
    .createTable('post_refusals')
    .addColumn('mailing_id', idType, (c) => c.notNull().references('mailings.id'))
    .addColumn('destination', 'text', (c) => c.notNull())
    .addColumn('refusals', 'integer', (c) => c.notNull())
    // At least so many recipients it has there; as far as anybody has counted.
    .addColumn('recipients', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('post_refusals_pk', ['mailing_id', 'destination'])
    .execute();
  // As domainOf() in src/store/json-rows.ts writes it.
  await sql`create index addresses_domain on addresses (${sql.raw(
    postgres ? "split_part(email, '@', 2)" : "substr(email, instr(email, '@') + 1)",
  )}, email)`.execute(db);

  // MTA-STS policies (RFC 8461 §3.3: kept for as long as they say, restarts included).
  await db.schema
    .createTable('sts_policies')
    .addColumn('domain', 'text', (c) => c.primaryKey())
    .addColumn('policy_id', 'text', (c) => c.notNull())
    .addColumn('policy', 'text', (c) => c.notNull())
    .addColumn('fetched_at', time, (c) => c.notNull())
    .addColumn('expires_at', time, (c) => c.notNull())
    .execute();

  // How much went to a destination on a day (UTC): what a new address on the Internet may send grows from day to day.
  await db.schema
    .createTable('destination_days')
    .addColumn('destination', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('sent', idType, (c) => c.notNull())
    .addPrimaryKeyConstraint('destination_days_pk', ['destination', 'day'])
    .execute();
}
