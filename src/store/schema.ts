import type { ColumnType, Generated } from 'kysely';

/** The tables as Kysely sees them; migrations/ makes them. Columns are named as in SQL and mapped to nouns in each table's file. */
export interface Schema {
  keys: {
    id: Generated<number>;
    purpose: 'hmac' | 'dkim';
    secret: Buffer;
    created_at: number;
    retired_at: number | null;
  };
  lists: {
    id: Generated<number>;
    name: string;
    domain: string;
    list_id: string;
    title: string;
    purpose: string;
    settings: string;
    next_number: WithDefault<number>;
    created_at: number;
    closed_at: number | null;
    deleted_at: number | null;
  };
  list_names: { name: string; domain: string; list_id: number };
  people: { id: Generated<number>; name: string; created_at: number };
  addresses: {
    id: Generated<number>;
    person_id: number;
    email: string;
    confirmed_at: number | null;
    created_at: number;
  };
  memberships: {
    id: Generated<number>;
    list_id: number;
    address_id: number;
    name: string;
    role: string;
    mode: string;
    own_copy: WithDefault<number>;
    posting: WithDefault<string>;
    believed_at: number | null;
    trusted_at: number | null;
    joined_at: number;
    paused_at: number | null;
    paused_until: number | null;
    suspended_at: number | null;
    left_at: number | null;
  };
  consents: {
    id: Generated<number>;
    membership_id: number;
    how: string;
    wording: string;
    ip: string | null;
    at: number;
  };
  sender_rules: {
    id: Generated<number>;
    list_id: number | null;
    kind: string;
    pattern: string;
    action: string;
    created_by: string;
    created_at: number;
  };
  header_rules: {
    id: Generated<number>;
    list_id: number | null;
    field: string;
    pattern: string;
    action: string;
    created_by: string;
    created_at: number;
  };
  suppressions: { email: string; list_id: number; reason: string; created_at: number };
  bodies: {
    id: Generated<number>;
    sha256: Buffer;
    raw: Buffer;
    bytes: number;
    encoding: WithDefault<'identity' | 'deflate'>;
    created_at: number;
  };
  posts: {
    id: Generated<number>;
    list_id: number;
    number: number;
    body_id: number;
    message_id: string;
    hash: string;
    body_hash: string;
    author_email: string;
    author_name: string;
    subject: string;
    sent_at: number;
    received_at: number;
    imported_at: number | null;
    indexed_at: number | null;
    index_error: string | null;
  };
  threads: {
    id: number;
    list_id: number;
    nodes: number;
    posts: number;
    last_at: number;
    locked_at: number | null;
  };
  thread_nodes: {
    id: Generated<number>;
    list_id: number;
    message_id: string;
    parent_id: number | null;
    thread_id: number;
    post_id: number | null;
    base_subject: string | null;
    thread_index: string | null;
    sent_at: number | null;
  };
  attachments: {
    id: Generated<number>;
    post_id: number;
    part: string;
    filename: string;
    content_type: string;
    bytes: number;
    embedded: number;
  };
  post_texts: { post_id: number; search_key: number; text: Buffer };
  held: {
    id: Generated<number>;
    list_id: number;
    body_id: number;
    message_id: string;
    body_hash: string;
    envelope_sender: string;
    trace: string;
    author_email: string;
    author_name: string;
    subject: string;
    reasons: string;
    checks: string;
    spam: WithDefault<number>;
    held_at: number;
    noticed_at: number | null;
    notice_at: number | null;
    claimed_by: string | null;
    claimed_at: number | null;
    expires_at: number;
    decided_at: number | null;
    decision: string | null;
    decided_by: string | null;
    tell_at: number | null;
    post_id: number | null;
  };
  moderator_notices: {
    id: Generated<number>;
    kind: string;
    list_id: number;
    email: string;
    held_ids: string;
    count: number;
  };
  mailings: {
    id: Generated<number>;
    kind: string;
    list_id: number | null;
    post_id: number | null;
    body_id: number;
    return_path: string;
    priority: number;
    created_at: number;
    give_up_at: number;
    fan_out_cursor: number | null;
    fan_out_count: WithDefault<number>;
    facts: WithDefault<string>;
  };
  deliveries: {
    id: Generated<number>;
    mailing_id: number;
    membership_id: number | null;
    recipient: string;
    state: string;
    priority: number;
    turn: WithDefault<number>;
    attempts: WithDefault<number>;
    unanswered: WithDefault<number>;
    next_at: number;
    lease_until: number | null;
    last_code: number | null;
    last_reply: string | null;
    final_at: number | null;
    claimed_by: number | null;
  };
  delivery_log: {
    id: Generated<number>;
    delivery_id: number;
    at: number;
    outcome: string;
    code: number | null;
    reply: string;
  };
  post_refusals: {
    mailing_id: number;
    destination: string;
    refusals: number;
    recipients: number;
  };
  bounces: {
    id: Generated<number>;
    list_id: number | null;
    delivery_id: number | null;
    body_id: number | null;
    received_at: number;
    email: string | null;
    kind: string;
    class: string | null;
    status: string | null;
    said: string;
    points: number;
  };
  dkim_keys: {
    id: Generated<number>;
    domain: string;
    selector: string;
    algorithm: string;
    public_key: string;
    private_key: Buffer;
    created_at: number;
    activated_at: number | null;
    retired_at: WithDefault<number | null>;
  };
  author_aliases: {
    id: Generated<number>;
    list_id: number;
    email: string;
    created_at: number;
    superseded_at: WithDefault<number | null>;
  };
  ailing_addresses: {
    email: string;
    domain: string;
    score: number;
    counted_on: string;
    counted: number;
    first_at: number;
    last_at: number;
    last_class: string;
    last_said: string;
    suspended_at: number | null;
    probes: WithDefault<number>;
    probed_at: number | null;
    next_at: number | null;
    removed_at: number | null;
  };
  removals: { id: Generated<number>; list_id: number; email: string; said: string; removed_at: number };
  domain_outages: { domain: string; since: number; until: number };
  breakers: {
    mailing_id: number;
    destination: string;
    at: number;
    until: number;
    said: string;
    munged_mailing_id: number | null;
    told_at: number | null;
  };
  sts_policies: {
    domain: string;
    policy_id: string;
    policy: string;
    fetched_at: number;
    expires_at: number;
  };
  destination_days: { destination: string; day: string; sent: number };
  tokens: {
    id: Generated<number>;
    kind: string;
    sha256: Buffer;
    list_id: number | null;
    email: string;
    payload: string;
    asked_by: string;
    created_at: number;
    expires_at: number;
    done_at: number | null;
    result: string | null;
  };
  quotas: { bucket: string; window_start: number; used: number; expires_at: number };
  timers: { name: string; due_at: number };
  switches: { name: string; value: string };
  audit: {
    id: Generated<number>;
    at: number;
    actor: string;
    operation: string;
    list_id: number | null;
    detail: string;
  };
  daily_stats: { day: string; list_id: number; what: string; count: number };
}

type WithDefault<T> = ColumnType<T, T | undefined, T>;
