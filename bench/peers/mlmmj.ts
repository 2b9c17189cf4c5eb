import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Peer, runToEnd } from './peer.ts';
import { peerDomain, peerSizes, plainMembers, startPostfix } from './postfix.ts';

/** mlmmj behind Postfix and through it, as its manual has it: one transaction a member is its default. */
export const mlmmj: Peer = {
  name: 'mlmmj',
  program: 'mlmmj-receive',
  package: 'mlmmj',
  async start(bench) {
    const folder = bench.folder.make('mlmmj');
    const pipes = peerSizes.map(
      (members) => `ml${members}: "|/usr/bin/mlmmj-receive -L ${folder}/ml${members}"\n`,
    );
    const postfix = await startPostfix(bench, { aliases: pipes.join('') });
    for (const members of peerSizes) makeList(join(folder, `ml${members}`), { members, port: postfix.port });
    runToEnd('chown', ['-R', 'nobody:nogroup', folder]);
    const lists = peerSizes.map((members) => ({
      address: `ml${members}@${peerDomain}`,
      members,
      copies: 'personal' as const,
    }));
    return { ...postfix, lists };
  },
};

const folders = [
  ...['incoming', 'queue/discarded', 'archive', 'text', 'subconf', 'unsubconf', 'bounce', 'control'],
  ...['moderation', 'subscribers.d', 'digesters.d', 'requeue', 'nomailsubs.d'],
];

function makeList(
  list: string,
  { members, port }: { readonly members: number; readonly port: number },
): void {
  for (const name of folders) mkdirSync(join(list, name), { recursive: true });
  const control = {
    listaddress: `ml${members}@${peerDomain}`,
    owner: `owner@${peerDomain}`,
    relayhost: '127.0.0.1',
    smtpport: String(port),
    delimiter: '+',
  };
  for (const [name, value] of Object.entries(control))
    writeFileSync(join(list, 'control', name), `${value}\n`);
  cpSync('/usr/share/mlmmj/text.skel/en', join(list, 'text'), { recursive: true });
  writeFileSync(join(list, 'subscribers.d/s'), plainMembers(members));
  writeFileSync(join(list, 'index'), '');
}
