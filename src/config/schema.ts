/** Every key of the configuration: type, default and manual. The example file and docs/config.md are generated from here. */
import { z } from 'zod';
import { key, section } from './key.ts';
import {
  address,
  atLeastOne,
  choice,
  count,
  databaseUrl,
  day,
  destinationLimit,
  dnsServer,
  domain,
  duration,
  flag,
  list,
  listen,
  network,
  optionalWebUrl,
  rateLimit,
  retrySchedule,
  size,
  sizeLimit,
  smarthost,
  tcpListen,
  text,
  webUrl,
} from './values.ts';

export const configSchema = z.strictObject({
  hostname: key(
    domain,
    'lists.localhost',
    'The name of this server: what it says in EHLO, the right side of the Message-IDs it makes, and its name in Authentication-Results. Its address should resolve back to it.',
  ),
  domains: key(
    atLeastOne(domain),
    ['lists.localhost'],
    'The mail domains that are ours. Mail for any other domain is refused. A list may be named without its domain where there is only one; where there are several, write its whole address.',
  ),
  base_url: key(
    webUrl,
    'http://127.0.0.1:8080',
    'Where the pages are reached from outside; the links in every mail begin with it. Use https in earnest: mail providers ignore one-click links that are not.',
  ),
  operators: key(
    list(address),
    [],
    'Addresses of the people who run this site. Mail to postmaster@ and abuse@ goes to them, and every mail system must have both (RFC 2142 §1).',
  ),
  data_dir: key(
    text('the path of a folder'),
    'data',
    'Folder of the database and everything else that must survive a restart. A relative path starts at the folder of this file.',
  ),

  database: section('Where lists, members, posts and the queue are kept.', {
    url: key(
      databaseUrl,
      'sqlite:listwright.db',
      '`sqlite:FILE`, relative to data_dir, or `postgres://user:password@host:5432/name`. SQLite serves one server process; PostgreSQL is for several, each with a data_dir of its own; its database is made with `createdb --encoding=UTF8`. The password is never printed.',
    ),
  }),

  smtp: section('Incoming mail.', {
    listen: key(
      list(listen),
      ['127.0.0.1:2525'],
      'Addresses of the SMTP listener: `127.0.0.1:2525`, `[::1]:25`, `unix:/run/listwright/smtp.sock`. Port 25 needs the right to bind it.',
    ),
    lmtp: key(
      list(listen),
      [],
      'Addresses of the LMTP listener (RFC 2033), for a mail server in front such as Postfix. Whoever connects here is trusted like trusted_relays: never open it to the network.',
    ),
    max_size: key(
      size,
      '25 MiB',
      'Largest message that any address here accepts, announced as SIZE (RFC 1870). Lists have their own, smaller max_size.',
    ),
    tls_cert: key(
      text('the path of a PEM file, or ""'),
      '',
      'Certificate with its chain, PEM. STARTTLS is offered when this and tls_key are set. Both files are read again when they change. A relative path starts at the folder of this file.',
    ),
    tls_key: key(text('the path of a PEM file, or ""'), '', 'Private key of tls_cert, PEM.'),
    max_connections: key(
      count(1, 100_000),
      1000,
      'Sessions at the same time, all peers together; one more is answered 421.',
    ),
    trusted_relays: key(
      list(network),
      [],
      'Mail servers in front of us: they may state the real sender by XCLIENT, and limits per address do not apply to them.',
    ),
    proxy_protocol: key(
      list(network),
      [],
      'Load balancers that begin every connection with a PROXY v1 line. A connection from here without one is closed.',
    ),
    trusted_authserv_ids: key(
      list(text('an authserv-id')),
      [],
      'Names (authserv-ids) whose Authentication-Results (RFC 8601) are believed when the mail comes by LMTP or from trusted_relays, and the field is the mail server’s own: it stands above all Received fields, or below as many as trusted_results_below says. What it says of DMARC then counts instead of our own checks. Fields with these names are removed from mail that goes out.',
    ),
    trusted_results_below: key(
      count(0, 10),
      0,
      'How many Received fields of your own servers stand above the Authentication-Results that are believed. 0 behind Postfix with milters or rspamd; 1 where a content filter such as amavisd-new hands the mail back to Postfix afterwards. Where it is not 0 a sender’s own field may stand in that place: the first server must take away what comes in under these names.',
    ),
  }),

  delivery: section('Outgoing mail.', {
    transport: key(
      choice('', 'smarthost', 'direct', 'capture'),
      '',
      'How mail leaves: `smarthost` hands everything to one mail server; `capture` sends nothing and keeps it in data_dir/outbox, to try things out; `direct` hands each mail to its recipient’s own mail server, see [direct] and docs/delivery.md. It must be set: without it the server does not start.',
    ),
    smarthost: key(
      smarthost,
      'smtp://127.0.0.1:25',
      'The mail server for transport = "smarthost". `smtp://` uses STARTTLS when it is offered, and insists on it when there is a password and the host is not loopback; `smtps://` is TLS from the first byte. `user:password@` logs in; the password is never printed. Percent-encode `@`, `:` and `/` in it.',
    ),
    connections: key(
      count(1, 1000),
      10,
      'Most connections at the same time to one destination: the smarthost, or with `direct` the mail servers that one or more domains share. There it is less where less is known to be wise: 3 at first and 5 later, 10 to Gmail, 5 to Outlook and Yahoo; and 100 to all together.',
    ),
    personalize: key(
      choice('auto', 'always', 'never'),
      'auto',
      'One copy a member, with their own return path and one-click leave link, or shared copies. `auto` shares only posts over 1 MiB on lists of more than 200 members. A list’s own setting goes first.',
    ),
    retry: key(
      retrySchedule,
      'default',
      'Times before each further attempt after a temporary failure, e.g. `6m 15m 30m 1h 2h 4h 8h 12h*`; `*` repeats the last. `default` is exactly that.',
    ),
    give_up: key(
      duration,
      '72h',
      'After this time an undelivered post is given up. Confirmations are given up after 24 hours, mail to owners after 5 days.',
    ),
  }),

  direct: section(
    'Mail to each recipient’s own server: delivery.transport = "direct". Read docs/delivery.md first.',
    {
      limits: key(
        list(destinationLimit),
        [],
        'Most connections and, where given, most recipients in a time, for mail servers under a name: `"yahoodns.net 2 100/1m"`. The first that fits counts. A server that asks for less gets less by itself.',
      ),
      warm_up: key(
        day,
        '',
        'The first day on which a new IP address sends: each destination gets 200 mails that day, then 500, 1000, 2000, 5000, 10000, 20000 and 40000 a day; the rest waits for the next day (UTC). Empty: no such limit.',
      ),
      mta_sts: key(
        flag,
        true,
        'Obey MTA-STS (RFC 8461): mail for a domain whose policy says so goes only over TLS to a server that proves its name. `false` only where HTTPS to the outside is impossible. DANE (RFC 7672) is not done: Node’s resolver does not tell whether DNSSEC was validated, and unvalidated TLSA records prove nothing.',
      ),
      private_networks: key(
        list(network),
        [],
        'Networks of your own whose addresses a mail server may have. Others that are not public (RFC 6890: loopback, 10.0.0.0/8, …) are never connected to, whatever DNS says.',
      ),
      port: key(count(1, 65_535), 25, 'The port of everybody’s mail servers. Any other is for tests.'),
    },
  ),

  web: section('Pages: confirming, leaving, one-click unsubscribe, health.', {
    listen: key(
      tcpListen,
      '127.0.0.1:8080',
      'Address of the pages. Put a web server with TLS in front of it.',
    ),
    trusted_proxies: key(
      list(network),
      ['127.0.0.1', '::1'],
      'Web servers in front of us, whose X-Forwarded-For is believed.',
    ),
  }),

  dkim: section('Signatures on outgoing mail (RFC 6376).', {
    sign: key(
      flag,
      true,
      'Sign every mail, with a key for each mail domain: the first is made at the first start, `dkim show` prints its DNS record. `false`, where the smarthost signs: then the personal fields of each copy, the one-click link among them, are only as good as what it covers.',
    ),
  }),

  arc: section('Passing on what we saw of a message’s authentication (RFC 8617).', {
    seal: key(
      flag,
      true,
      'Seal what was found out about the author into every mail that is passed on, with the key that signs: servers that know this one may believe it where the author’s own signature is lost. One set serves all copies.',
    ),
  }),

  dmarc: section('Posts whose author would fail DMARC at the members’ servers (RFC 7489).', {
    rewrite_always_from: key(
      list(domain),
      ['gmail.com', 'googlemail.com'],
      'Domains whose authors get another From whenever their signature does not survive the list, although the domain asks for nothing: Gmail refuses mail from gmail.com that it did not sign.',
    ),
  }),

  checks: section('What is checked of incoming mail.', {
    spf_dkim_dmarc: key(
      flag,
      true,
      'Find out who sent each mail by SPF, DKIM, DMARC and ARC (RFC 7208, 6376, 7489, 8617). `false` only behind a mail server that does it and is named in smtp.trusted_authserv_ids: without either, a member’s From is believed for posts, and for nothing else.',
    ),
    trusted_sealers: key(
      list(domain),
      [],
      'Domains whose ARC seal (RFC 8617) is believed when it says that the author passed DMARC there: forwarders and other list servers you know. Empty: none.',
    ),
    dns_servers: key(
      list(dnsServer),
      [],
      'DNS servers to ask; empty: the system’s. A caching resolver on this machine or its network is best. Answers are kept a minute here; one mail waits at most 5 seconds for DNS, then its sender is asked to come again.',
    ),
    rspamd: key(
      optionalWebUrl,
      '',
      'Address of an rspamd (its normal worker) that judges every incoming mail, e.g. `http://127.0.0.1:11333`. Its `reject` is a refusal, `soft reject` and `greylist` ask the sender to come again, `add header` and `rewrite subject` let posts wait for a moderator. Where it does not answer within 10 seconds, mail is taken without its judgement.',
    ),
  }),

  limits: section('Limits against abuse and accidents. 0 switches one off.', {
    connections_per_ip: key(
      count(0, 100_000),
      20,
      'SMTP sessions at the same time from one address; trusted_relays and LMTP are exempt.',
    ),
    posts_per_sender: key(rateLimit, '30/1h', 'Posts of one sender, all lists together.'),
    posts_per_list: key(rateLimit, '200/1h', 'Posts to one list, all senders together.'),
    joins_per_network: key(
      rateLimit,
      '30/1h',
      'Requests to join from one network: a flood of them is somebody else’s mailbox being bombed. Answers to people who are on no list have as many of their own. Of both together a network gets ten an hour from the pages.',
    ),
    confirmations_per_address: key(
      rateLimit,
      '5/1d',
      'Confirmation mails to one address, whoever asked for them. With it go three a day from one list, 20 a month, and 50 an hour to one mail domain; 0 switches all of these off. Leaving has three a day of its own.',
    ),
    replies_per_address: key(
      rateLimit,
      '10/1d',
      'Automatic answers to one address: two robots must not talk to each other for ever.',
    ),
    mail_to_strangers: key(
      rateLimit,
      '1000/1h',
      'Requests to confirm and answers to people who are on no list, all addresses together. More than this is no crowd that wants to join but somebody who writes in others’ names: no more is sent, and the log says so.',
    ),
    min_free_disk: key(
      sizeLimit,
      '500 MiB',
      'With less free space than this in data_dir, mail is answered "try again later" (452) instead of risking the database.',
    ),
  }),

  log: section('What is logged, on standard output.', {
    level: key(
      choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
      'info',
      'The least important kind of line that is written.',
    ),
    format: key(
      choice('auto', 'pretty', 'json'),
      'auto',
      '`auto` is pretty on a terminal and JSON lines otherwise.',
    ),
  }),
});

/** As loaded: sizes in bytes, times in milliseconds, rates parsed, paths absolute. */
export type Config = Frozen<z.output<typeof configSchema>>;

type Frozen<T> = T extends string ? T : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
