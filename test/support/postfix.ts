import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { WhenDone } from './stores.ts';

/** A private Postfix in a temporary folder, in front of a list server and behind it, as one host has it. */
export interface Postfix {
  /** Takes mail from the world for `lists.example.org`, and checks its addresses with the list server first. */
  readonly publicPort: number;
  /** Takes mail of the list server for everybody: a smarthost. */
  readonly relayPort: number;
  /** Resolves with the first line of its log that matches, now or later. */
  logged(line: RegExp): Promise<string>;
  /** The mails in a mailbox on disk, once there are so many, in the order of arrival. Bytes as latin1, LF line ends. */
  arrived(address: string, count: number): Promise<readonly string[]>;
  /** The same, now. */
  mailbox(address: string): readonly string[];
}

export interface PostfixInput {
  /** Where the list server takes LMTP, on 127.0.0.1. */
  readonly lmtpPort: number;
  readonly publicPort: number;
  readonly relayPort: number;
  /** Who has a mailbox on disk. */
  readonly mailboxes: readonly string[];
  /** Further domains and what Postfix does with their mail: `{ 'far.example': 'smtp:[127.0.0.1]:2525' }`. */
  readonly transports: Readonly<Record<string, string>>;
  /** What looks at mail from the world: `unix:/run/opendkim.sock, unix:/run/opendmarc.sock`. */
  readonly milters?: string;
  readonly whenDone: WhenDone;
}

/** Postfix changes between its own users, so only root can start one. */
export const mayStartPostfix = process.getuid?.() === 0;

/** Both ports must be free. */
export async function startPostfix(program: string, input: PostfixInput): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-postfix-'));
  const config = join(folder, 'etc');
  layOut(folder, config, input);
  const checked = spawnSync(program, ['-c', config, 'check'], { encoding: 'utf8' });
  if (checked.status !== 0) throw new Error(`Postfix does not like its configuration: ${checked.stderr}`);
  // In the foreground, so that it ends with us however we end.
  const args = ['--pdeathsig=TERM', '--', join(daemons(), 'master'), '-c', config, '-d'];
  const master = spawn('setpriv', args, { cwd: folder, stdio: 'ignore' });
  const watchLog = createLogWatch(join(folder, 'log'), master);
  const logged = (pattern: RegExp) =>
    watchLog(`${pattern}`, (log) => log.split('\n').find((line) => pattern.test(line)));
  const mailbox = (address: string) => readMaildir(join(folder, 'mail', pathOf(address), 'new'));
  input.whenDone(async () => {
    if (master.exitCode === null && master.kill('SIGTERM')) await once(master, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  await logged(/daemon started/);
  return {
    publicPort: input.publicPort,
    relayPort: input.relayPort,
    logged,
    mailbox,
    // Every delivery is logged after it is on disk.
    arrived: (address, count) =>
      watchLog(`${count} mails for ${address}`, () => {
        const mails = mailbox(address);
        return mails.length >= count ? mails : undefined;
      }),
  };
}

/** Two ports that are free just now: the list server must know one before Postfix starts, and Postfix the list server's. */
export async function postfixPorts(): Promise<{ publicPort: number; relayPort: number }> {
  return { publicPort: await freePort(), relayPort: await freePort() };
}

function layOut(folder: string, config: string, input: PostfixInput): void {
  const user = idOf('postfix');
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name));
  chownSync(join(folder, 'data'), user, user);
  chownSync(join(folder, 'mail'), 65534, 65534);
  // mkdtemp made the folder ours alone; Postfix's users must pass through it.
  spawnSync('chmod', ['755', folder]);
  writeFileSync(join(folder, 'log'), '');
  writeFileSync(join(config, 'main.cf'), mainCf(folder, input));
  writeFileSync(join(config, 'master.cf'), masterCf(input));
}

function mainCf(folder: string, { lmtpPort, mailboxes, transports }: PostfixInput): string {
  const routes = { 'lists.example.org': `lmtp:inet:127.0.0.1:${lmtpPort}`, ...transports };
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    myhostname: 'mail.example.org',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    disable_dns_lookups: 'yes',
    smtpd_peername_lookup: 'no',
    alias_maps: '',
    alias_database: '',
    // The list server: its addresses are asked for before mail is taken, so that nothing has to be bounced afterwards.
    relay_domains: 'lists.example.org',
    transport_maps: inline(routes),
    unverified_recipient_reject_code: '550',
    address_verify_poll_delay: '1s',
    // The members: mailboxes on disk.
    virtual_mailbox_domains: [...new Set(mailboxes.map((box) => box.slice(box.indexOf('@') + 1)))].join(', '),
    virtual_mailbox_base: join(folder, 'mail'),
    virtual_mailbox_maps: inline(Object.fromEntries(mailboxes.map((box) => [box, `${pathOf(box)}/`]))),
    virtual_uid_maps: 'static:65534',
    virtual_gid_maps: 'static:65534',
    default_transport: 'error:5.4.4 This Postfix knows no such domain',
    in_flow_delay: '0',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

function inline(table: Readonly<Record<string, string>>): string {
  const entries = Object.entries(table).map(([key, value]) => `{ ${key} = ${value} }`);
  return `inline:{ ${entries.join(', ')} }`;
}

function masterCf({ publicPort, relayPort, milters = '' }: PostfixInput): string {
  return `
127.0.0.1:${publicPort} inet n - n - - smtpd
  -o mynetworks=
  -o smtpd_relay_restrictions=reject_unauth_destination
  -o smtpd_recipient_restrictions=reject_unverified_recipient
  -o smtpd_authorized_xclient_hosts=127.0.0.1
  -o { smtpd_milters=${milters} }
127.0.0.1:${relayPort} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject
postlog   unix-dgram n - n - 1 postlogd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
showq     unix n - n - - showq
flush     unix n - n 1000? 0 flush
tlsmgr    unix - - n 1000? 1 tlsmgr
`.trimStart();
}

function daemons(): string {
  return spawnSync('postconf', ['-dh', 'daemon_directory'], { encoding: 'utf8' }).stdout.trim();
}

function idOf(user: string): number {
  return Number(spawnSync('id', ['-u', user], { encoding: 'utf8' }).stdout);
}

/** Resolves with what `find` finds in the log, now or when it has grown. */
function createLogWatch(file: string, master: ChildProcess) {
  return <T>(what: string, find: (log: string) => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const look = () => {
        const found = find(readFileSync(file, 'utf8'));
        if (found !== undefined) finish(() => resolve(found));
      };
      const ended = () =>
        finish(() => reject(new Error(`Postfix ended before ${what}: ${readFileSync(file, 'utf8')}`)));
      const finish = (tell: () => void) => {
        watcher.close();
        master.off('exit', ended);
        tell();
      };
      const watcher = watch(file, look);
      master.once('exit', ended);
      look();
    });
}

/** `dana@example.net` → `example.net/dana` */
function pathOf(address: string): string {
  return address.replace(/^(.+)@(.+)$/, '$2/$1');
}

function readMaildir(folder: string): string[] {
  try {
    // Names begin with the time, then the inode's and the process's numbers.
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'latin1'));
  } catch {
    return [];
  }
}
