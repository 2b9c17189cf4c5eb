import { type ColumnDataType, type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';

/**
 * The first schema, for both engines. Ids are integers; times are epoch milliseconds; a flag that has a moment is that moment
 * (`paused_at`); JSON is text that zod parses. Raw mail is bytes. See docs/architecture.md, "Storage".
 */
export async function up(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const postgres = engine === 'postgres';
  const bytes: ColumnDataType = postgres ? 'bytea' : 'blob';
  const time = postgres ? 'bigint' : 'integer';
  const id = (column: ColumnDefinitionBuilder) =>
    postgres ? column.primaryKey().generatedAlwaysAsIdentity() : column.primaryKey();
  const idType = postgres ? 'bigint' : 'integer';
  const make = (name: string) => db.schema.createTable(name).addColumn('id', idType, id);
  // Ids that leave the building, in return paths, links and commands: none is ever given to another row, however much was pruned.
  const makeForEver = (name: string) =>
    db.schema
      .createTable(name)
      .addColumn('id', idType, (c) => (postgres ? id(c) : c.primaryKey().autoIncrement()));

  await make('keys')
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('secret', bytes, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('retired_at', time)
    .execute();

  await make('lists')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('list_id', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('next_number', idType, (c) => c.notNull().defaultTo(1))
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('closed_at', time)
    .addColumn('deleted_at', time)
    .execute();

  // Every name a list answers to, the current one and all earlier ones: a renamed list keeps its old addresses for ever.
  await db.schema
    .createTable('list_names')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addPrimaryKeyConstraint('list_names_pk', ['name', 'domain'])
    .execute();

  await make('people')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .execute();

  await make('addresses')
    .addColumn('person_id', idType, (c) => c.notNull().references('people.id'))
    .addColumn('email', 'text', (c) => c.notNull().unique())
    .addColumn('confirmed_at', time)
    .addColumn('created_at', time, (c) => c.notNull())
    .execute();
  await db.schema.createIndex('addresses_person').on('addresses').column('person_id').execute();

  await makeForEver('memberships')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('address_id', idType, (c) => c.notNull().references('addresses.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('own_copy', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('posting', 'text', (c) => c.notNull().defaultTo('default'))
    .addColumn('believed_at', time)
    .addColumn('trusted_at', time)
    .addColumn('joined_at', time, (c) => c.notNull())
    .addColumn('paused_at', time)
    .addColumn('paused_until', time)
    .addColumn('suspended_at', time)
    // A tombstone: settings come back when the person joins again or undoes leaving.
    .addColumn('left_at', time)
    .addUniqueConstraint('memberships_once', ['list_id', 'address_id'])
    .execute();
  await db.schema.createIndex('memberships_address').on('memberships').column('address_id').execute();
  // Fan-out, rosters and counts walk one list's present members in the order of their ids.
  await sql`create index memberships_present on memberships (list_id, id) where left_at is null`.execute(db);
  await sql`create index memberships_officers on memberships (list_id) where left_at is null and role <> 'member'`.execute(
    db,
  );

  await make('consents')
    .addColumn('membership_id', idType, (c) => c.notNull().references('memberships.id'))
    .addColumn('how', 'text', (c) => c.notNull())
    .addColumn('wording', 'text', (c) => c.notNull())
    .addColumn('ip', 'text')
    .addColumn('at', time, (c) => c.notNull())
    .execute();
  await db.schema.createIndex('consents_membership').on('consents').column('membership_id').execute();

  // Standing decisions of owners and operators about who writes and what it says; list_id null: the whole site.
  await make('sender_rules')
    .addColumn('list_id', idType, (c) => c.references('lists.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .execute();
  await sql`create unique index sender_rules_once on sender_rules (pattern, kind, coalesce(list_id, 0))`.execute(
    db,
  );
  await sql`create index sender_rules_patterns on sender_rules (coalesce(list_id, 0)) where kind = 'pattern'`.execute(
    db,
  );

  await make('header_rules')
    .addColumn('list_id', idType, (c) => c.references('lists.id'))
    .addColumn('field', 'text', (c) => c.notNull())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .execute();
  await sql`create unique index header_rules_once on header_rules (coalesce(list_id, 0), field, pattern)`.execute(
    db,
  );

  await db.schema
    .createTable('suppressions')
    .addColumn('email', 'text', (c) => c.notNull())
    // 0: every list of the site.
    .addColumn('list_id', idType, (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addPrimaryKeyConstraint('suppressions_pk', ['email', 'list_id'])
    .execute();

  await make('bodies')
    .addColumn('sha256', bytes, (c) => c.notNull().unique())
    .addColumn('raw', bytes, (c) => c.notNull())
    .addColumn('bytes', idType, (c) => c.notNull())
    .addColumn('encoding', 'text', (c) => c.notNull().defaultTo('identity'))
    .addColumn('created_at', time, (c) => c.notNull())
    .execute();

  await make('posts')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('number', idType, (c) => c.notNull())
    .addColumn('body_id', idType, (c) => c.notNull().references('bodies.id'))
    .addColumn('message_id', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    // SHA-256 of what follows the header block, hex: tells a post that was sent again from a reused Message-ID.
    .addColumn('body_hash', 'text', (c) => c.notNull())
    .addColumn('author_email', 'text', (c) => c.notNull())
    .addColumn('author_name', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('sent_at', time, (c) => c.notNull())
    .addColumn('received_at', time, (c) => c.notNull())
    .addColumn('imported_at', time)
    // Null until the indexer has read text, attachments and thread; `index_error` says why a post could not be read.
    .addColumn('indexed_at', time)
    .addColumn('index_error', 'text')
    .addUniqueConstraint('posts_number', ['list_id', 'number'])
    .addUniqueConstraint('posts_message_id', ['list_id', 'message_id'])
    .execute();
  await db.schema.createIndex('posts_body').on('posts').column('body_id').execute();
  // What a newcomer has posted so far; what a moderator wants to know of a sender.
  await db.schema.createIndex('posts_author').on('posts').columns(['list_id', 'author_email']).execute();
  await db.schema.createIndex('posts_hash').on('posts').columns(['list_id', 'hash']).execute();
  await sql`create index posts_unindexed on posts (id) where indexed_at is null`.execute(db);

  // Conversations. The id is that of one of its nodes; two that turn out to be one are merged, the smaller into the larger.
  await db.schema
    .createTable('threads')
    .addColumn('id', idType, (c) => c.primaryKey())
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('nodes', idType, (c) => c.notNull())
    .addColumn('posts', idType, (c) => c.notNull())
    .addColumn('last_at', time, (c) => c.notNull())
    // Since when a moderator lets nobody answer into it.
    .addColumn('locked_at', time)
    .execute();
  await db.schema.createIndex('threads_recent').on('threads').columns(['list_id', 'last_at']).execute();

  // A node without a post is a phantom: somebody answered a message we have not seen (yet).
  await make('thread_nodes')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('message_id', 'text', (c) => c.notNull())
    .addColumn('parent_id', idType)
    .addColumn('thread_id', idType, (c) => c.notNull())
    .addColumn('post_id', idType)
    .addColumn('base_subject', 'text')
    .addColumn('thread_index', 'text')
    .addColumn('sent_at', time)
    .addUniqueConstraint('thread_nodes_once', ['list_id', 'message_id'])
    .execute();
  await db.schema.createIndex('thread_nodes_thread').on('thread_nodes').column('thread_id').execute();
  await sql`create index thread_nodes_index on thread_nodes (list_id, thread_index, sent_at) where thread_index is not null`.execute(
    db,
  );
  await sql`create index thread_nodes_subject on thread_nodes (list_id, base_subject, sent_at) where base_subject is not null`.execute(
    db,
  );

  await make('attachments')
    .addColumn('post_id', idType, (c) => c.notNull().references('posts.id'))
    .addColumn('part', 'text', (c) => c.notNull())
    .addColumn('filename', 'text', (c) => c.notNull())
    .addColumn('content_type', 'text', (c) => c.notNull())
    .addColumn('bytes', idType, (c) => c.notNull())
    .addColumn('embedded', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('attachments_post').on('attachments').column('post_id').execute();

  await makeForEver('held')
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('body_id', idType, (c) => c.notNull().references('bodies.id'))
    .addColumn('message_id', 'text', (c) => c.notNull())
    .addColumn('body_hash', 'text', (c) => c.notNull())
    .addColumn('envelope_sender', 'text', (c) => c.notNull())
    .addColumn('trace', 'text', (c) => c.notNull())
    .addColumn('author_email', 'text', (c) => c.notNull())
    .addColumn('author_name', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('reasons', 'text', (c) => c.notNull())
    // JSON of Checks: what was known of its sender and contents when it came.
    .addColumn('checks', 'text', (c) => c.notNull())
    // In the spam folder: counted, never announced one by one.
    .addColumn('spam', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('held_at', time, (c) => c.notNull())
    // Since when moderators know of it, and when they are to be told (again); null: never.
    .addColumn('noticed_at', time)
    .addColumn('notice_at', time)
    // A moderator who is looking into it, so that two do not answer the same person.
    .addColumn('claimed_by', 'text')
    .addColumn('claimed_at', time)
    .addColumn('expires_at', time, (c) => c.notNull())
    .addColumn('decided_at', time)
    .addColumn('decision', 'text')
    .addColumn('decided_by', 'text')
    // When the other moderators are to be told of the decision; null: never, or done.
    .addColumn('tell_at', time)
    .addColumn('post_id', idType)
    .execute();
  await sql`create index held_notices on held (list_id, notice_at) where notice_at is not null`.execute(db);
  await sql`create index held_tellings on held (list_id, tell_at) where tell_at is not null`.execute(db);
  await sql`create index held_waiting on held (list_id, id) where decided_at is null`.execute(db);
  await sql`create index held_expiring on held (expires_at) where decided_at is null`.execute(db);
  await sql`create index held_decided on held (decided_at) where decided_at is not null`.execute(db);
  await db.schema.createIndex('held_body').on('held').column('body_id').execute();
  await db.schema.createIndex('held_message_id').on('held').columns(['list_id', 'message_id']).execute();

  // Mails to moderators that are still to be written, a few in each transaction.
  await make('moderator_notices')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('list_id', idType, (c) => c.notNull().references('lists.id'))
    .addColumn('email', 'text', (c) => c.notNull())
    // JSON array of ids in "held".
    .addColumn('held_ids', 'text', (c) => c.notNull())
    .addColumn('count', idType, (c) => c.notNull())
    .execute();
  await sql`create unique index moderator_notices_once on moderator_notices (list_id, email) where kind = 'waiting'`.execute(
    db,
  );

  // The outbox: everything we send. A post's mailing fans out from `cursor`; a notice has one delivery.
  await makeForEver('mailings')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('list_id', idType)
    .addColumn('post_id', idType)
    .addColumn('body_id', idType, (c) => c.notNull().references('bodies.id'))
    .addColumn('return_path', 'text', (c) => c.notNull())
    .addColumn('priority', 'integer', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('give_up_at', time, (c) => c.notNull())
    // Fan-out in steps: members whose address has an id up to this have their rows; null when all have. And how many that made.
    .addColumn('fan_out_cursor', idType)
    .addColumn('fan_out_count', idType, (c) => c.notNull().defaultTo(0))
    .addColumn('facts', 'text', (c) => c.notNull().defaultTo('{}'))
    .execute();
  await sql`create index mailings_fan_out on mailings (id) where fan_out_cursor is not null`.execute(db);
  await db.schema.createIndex('mailings_post').on('mailings').column('post_id').execute();
  await db.schema.createIndex('mailings_body').on('mailings').column('body_id').execute();

  await makeForEver('deliveries')
    .addColumn('mailing_id', idType, (c) => c.notNull().references('mailings.id'))
    .addColumn('membership_id', idType)
    .addColumn('recipient', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('priority', 'integer', (c) => c.notNull())
    // Its place within its mailing: claims go by it, so that a new mailing goes before one that has had thousands already.
    .addColumn('turn', idType, (c) => c.notNull().defaultTo(0))
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    // How often the message was sent whole and no answer came.
    .addColumn('unanswered', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('next_at', time, (c) => c.notNull())
    .addColumn('lease_until', time)
    .addColumn('last_code', 'integer')
    .addColumn('last_reply', 'text')
    .addColumn('final_at', time)
    .addUniqueConstraint('deliveries_once', ['mailing_id', 'recipient'])
    .execute();
  // One small index for each state that somebody looks for; what is final is in none but the last.
  await sql`create index deliveries_queued on deliveries (priority, turn, id) where state = 'queued'`.execute(
    db,
  );
  await sql`create index deliveries_deferred on deliveries (next_at) where state = 'deferred'`.execute(db);
  await sql`create index deliveries_failed on deliveries (final_at) where state = 'failed'`.execute(db);
  await sql`create index deliveries_leased on deliveries (lease_until) where state = 'claimed'`.execute(db);

  await make('delivery_log')
    .addColumn('delivery_id', idType, (c) => c.notNull().references('deliveries.id'))
    .addColumn('at', time, (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('code', 'integer')
    .addColumn('reply', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('delivery_log_delivery').on('delivery_log').column('delivery_id').execute();

  await make('bounces')
    .addColumn('list_id', idType)
    .addColumn('delivery_id', idType)
    .addColumn('body_id', idType, (c) => c.notNull().references('bodies.id'))
    .addColumn('received_at', time, (c) => c.notNull())
    .execute();
  await db.schema.createIndex('bounces_body').on('bounces').column('body_id').execute();

  await make('tokens')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('sha256', bytes, (c) => c.notNull().unique())
    .addColumn('list_id', idType)
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('asked_by', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('expires_at', time, (c) => c.notNull())
    .addColumn('done_at', time)
    .addColumn('result', 'text')
    .execute();
  await db.schema.createIndex('tokens_expires').on('tokens').column('expires_at').execute();
  await db.schema.createIndex('tokens_email').on('tokens').columns(['email', 'list_id']).execute();

  // How often something happened lately. A bucket's window starts with its first event.
  await db.schema
    .createTable('quotas')
    .addColumn('bucket', 'text', (c) => c.primaryKey())
    .addColumn('window_start', time, (c) => c.notNull())
    .addColumn('used', 'integer', (c) => c.notNull())
    .addColumn('expires_at', time, (c) => c.notNull())
    .execute();
  await db.schema.createIndex('quotas_expiry').on('quotas').column('expires_at').execute();

  // Operations that wait for their moment; a node takes one by moving due_at.
  await db.schema
    .createTable('timers')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('due_at', time, (c) => c.notNull())
    .execute();

  // Switches of the whole site, e.g. `queue.paused_at`.
  await db.schema
    .createTable('switches')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();

  await make('audit')
    .addColumn('at', time, (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('list_id', idType)
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('audit_list').on('audit').columns(['list_id', 'id']).execute();

  await db.schema
    .createTable('daily_stats')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('list_id', idType, (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('count', idType, (c) => c.notNull())
    .addPrimaryKeyConstraint('daily_stats_pk', ['day', 'list_id', 'what'])
    .execute();

  await makeSearch(db, postgres);
}

/**
 * `post_texts` keeps what a post says, deflated UTF-8, for showing it and for snippets; `search_key` orders posts by time
 * (src/store/search-key.ts) and is the row's name in the index of words. SQLite: FTS5 without its own copy of the text, which gets
 * folded words (src/domain/search-words.ts), so its tokenizer only splits. PostgreSQL: a weighted tsvector of the same words.
 */
async function makeSearch(db: Kysely<unknown>, postgres: boolean): Promise<void> {
  await db.schema
    .createTable('post_texts')
    .addColumn('post_id', postgres ? 'bigint' : 'integer', (c) => c.primaryKey().references('posts.id'))
    .addColumn('search_key', postgres ? 'bigint' : 'integer', (c) => c.notNull().unique())
    .addColumn('text', postgres ? 'bytea' : 'blob', (c) => c.notNull())
    .execute();
  if (postgres) {
    await sql`create table post_words (search_key bigint primary key, list_id bigint not null, words tsvector not null)`.execute(
      db,
    );
    await sql`create index post_words_list on post_words (list_id, search_key)`.execute(db);
    // Each search reads the list of entries not yet merged, and the planner shuns a long one: so it is kept short (in kB).
    await sql`create index post_words_words on post_words using gin (words) with (gin_pending_list_limit = 256)`.execute(
      db,
    );
  } else {
    await sql`create virtual table post_words using fts5 (subject, author, body, quoted, filenames, marks, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'")`.execute(
      db,
    );
  }
}
