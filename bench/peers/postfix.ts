import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../figure.ts';
import { memberAddress } from '../load/members.ts';
import type { RunningServer } from '../servers/server.ts';
import { type Peer, runToEnd } from './peer.ts';

export const peerDomain = 'lists.example';
export const peerSizes = [10, 1_000, 10_000] as const;

/** No list manager at all: an alias with `:include:`, the least that sends one post to many. */
export const postfixAlias: Peer = {
  name: 'Postfix alias',
  program: 'postfix',
  package: 'postfix',
  async start(bench) {
    const folder = bench.folder.make('aliases');
    const aliases = peerSizes.map((members) => {
      const file = join(folder, `members-${members}`);
      writeFileSync(file, plainMembers(members));
      return `pf${members}: :include:${file}\nowner-pf${members}: devnull\n`;
    });
    const { port, stop } = await startPostfix(bench, { aliases: aliases.join('') });
    const lists = peerSizes.map((members) => ({
      address: `pf${members}@${peerDomain}`,
      members,
      copies: 'shared' as const,
    }));
    return { port, stop, lists };
  },
};

/** An address a line, as other list servers want it. */
export function plainMembers(count: number): string {
  return Array.from({ length: count }, (_, number) => `${memberAddress(number)}\n`).join('');
}

export interface PostfixSetup {
  /** Lines of an alias table. */
  readonly aliases?: string;
  /** Further settings of main.cf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A Postfix of its own, with a configuration and queue in a temporary folder, that relays everything to the sink. Stock tuning: only
 * what loopback, a free port and the lack of DNS need is set. Needs root, because Postfix changes between its own users.
 */
export async function startPostfix(bench: Bench, setup: PostfixSetup): Promise<RunningServer> {
  const folder = bench.folder.make('postfix');
  const config = join(folder, 'etc');
  for (const name of ['etc', 'queue', 'data']) mkdirSync(join(folder, name));
  // Postfix's users, and those of list managers, must be able to pass through.
  for (const path of [bench.folder.path, folder]) chmodSync(path, 0o755);
  chownSync(join(folder, 'data'), Number(spawnSync('id', ['-u', 'postfix'], { encoding: 'utf8' }).stdout), 0);
  const port = await freePort();
  const aliases = join(config, 'aliases');
  writeFileSync(aliases, `devnull: /dev/null\n${setup.aliases ?? ''}`);
  writeFileSync(join(config, 'main.cf'), mainCf(folder, aliases, { sinkPort: bench.sink.port, ...setup }));
  writeFileSync(join(config, 'master.cf'), masterCf(port));
  runToEnd('postalias', ['-c', config, `hash:${aliases}`]);
  runToEnd('postfix', ['-c', config, 'start']);
  const pid = Number(readFileSync(join(folder, 'queue/pid/master.pid'), 'utf8'));
  await delay(500);
  return {
    pid,
    port,
    async stop() {
      runToEnd('postfix', ['-c', config, 'stop']);
    },
  };
}

function mainCf(
  folder: string,
  aliases: string,
  { sinkPort, settings = {} }: PostfixSetup & { readonly sinkPort: number },
): string {
  const all = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    myhostname: peerDomain,
    mydestination: `${peerDomain}, localhost`,
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    relayhost: `[127.0.0.1]:${sinkPort}`,
    disable_dns_lookups: 'yes',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtpd_peername_lookup: 'no',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    alias_maps: `hash:${aliases}`,
    alias_database: `hash:${aliases}`,
    local_recipient_maps: '',
    recipient_delimiter: '+',
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** Debian's services without chroot, and smtpd on our port. */
function masterCf(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
local     unix - n n - - local
virtual   unix - n n - - virtual
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`.trimStart();
}

/** Free just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
