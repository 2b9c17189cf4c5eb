import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../figure.ts';
import { type Peer, type PeerList, runToEnd } from './peer.ts';
import { freePort, peerDomain, plainMembers, startPostfix } from './postfix.ts';

/** Its import takes a minute for each 2,000 members, so there is no list of 10,000. */
const lists: readonly PeerList[] = [
  { address: `mm10@${peerDomain}`, members: 10, copies: 'shared' },
  { address: `mm1000@${peerDomain}`, members: 1_000, copies: 'shared' },
  { address: `mmv1000@${peerDomain}`, members: 1_000, copies: 'personal' },
];

/**
 * The core of Mailman 3. Mail comes by Postfix and LMTP and goes straight to the sink, the faster of its two ways out. Lists as they
 * are made, and one with `personalize = individual`, which gives each member a return path and a copy.
 */
export const mailman3: Peer = {
  name: 'Mailman 3',
  program: 'mailman',
  package: 'mailman3',
  async start(bench) {
    const home = bench.folder.make('mailman');
    mkdirSync(join(home, 'var'));
    const lmtp = await freePort();
    const config = configuration(home, { lmtp, rest: await freePort(), out: bench.sink.port });
    writeFileSync(join(home, 'mailman.cfg'), config);
    writeFileSync(join(home, 'personalize.py'), personalize);
    for (const path of [bench.folder.path, home]) runToEnd('chmod', ['755', path]);
    runToEnd('chown', ['-R', 'list:list', home]);
    for (const list of lists) makeList(bench, home, list);
    mailman(home, 'aliases');
    mailman(home, 'start');
    await untilListening(lmtp);
    const postfix = await startPostfix(bench, {
      settings: {
        owner_request_special: 'no',
        transport_maps: `hash:${home}/var/data/postfix_lmtp`,
        relay_domains: `hash:${home}/var/data/postfix_domains`,
        mydestination: 'localhost',
      },
    });
    return {
      port: postfix.port,
      lists,
      async stop() {
        mailman(home, 'stop');
        await postfix.stop();
      },
    };
  },
};

function makeList(bench: Bench, home: string, { address, members, copies }: PeerList): void {
  const file = join(home, `members-${members}`);
  writeFileSync(file, plainMembers(members));
  mailman(home, 'create', '-o', `owner@${peerDomain}`, '-N', address);
  const took = mailman(home, 'addmembers', '-W', file, address);
  bench.note(`Mailman imported ${members} members in ${(took / 1000).toFixed(1)} s`);
  if (copies === 'personal') mailman(home, 'withlist', '-l', address, '-r', 'personalize.personalize');
}

/** As its own user, which it insists on. Milliseconds. */
function mailman(home: string, ...words: string[]): number {
  const user = ['-u', 'list', '--', 'env', `PYTHONPATH=${home}`];
  // The daemons that `start` leaves behind would keep our pipe open.
  const quietly = ['sh', '-c', `"$@" >${home}/var/command.log 2>&1`, 'sh'];
  const program = ['/usr/bin/mailman', '-C', join(home, 'mailman.cfg')];
  return runToEnd('runuser', [...user, ...quietly, ...program, ...words], home);
}

function configuration(
  home: string,
  ports: { readonly lmtp: number; readonly rest: number; readonly out: number },
): string {
  return `[mailman]
site_owner: owner@${peerDomain}
layout: bench
[paths.bench]
var_dir: ${home}/var
log_dir: ${home}/var/logs
pid_file: ${home}/var/master.pid
bin_dir: /usr/lib/mailman3/bin
[database]
url: sqlite:///${home}/var/mailman.db
[webservice]
admin_user: restadmin
admin_pass: restpass
port: ${ports.rest}
[mta]
smtp_host: 127.0.0.1
smtp_port: ${ports.out}
lmtp_host: 127.0.0.1
lmtp_port: ${ports.lmtp}
`;
}

const personalize = `from mailman.interfaces.mailinglist import Personalization


def personalize(mlist):
    mlist.personalize = Personalization.individual
`;

async function untilListening(port: number): Promise<void> {
  for (let waited = 0; waited < 60; waited++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(1_000);
  }
  throw new Error('Mailman did not listen within a minute.');
}
