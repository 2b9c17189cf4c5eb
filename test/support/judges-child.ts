/**
 * Lets OpenDKIM and python3-dkim judge mails, with a name server of ours: they ask port 53 of what /etc/resolv.conf says, so this program
 * must have a network and a mount table of its own (`unshare --net --mount`). Argument: a folder with zones.json and the mails, `0.eml`,
 * `1.eml` …; says for each a line of JSON (`Judgement` of judges.ts).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startNameServer } from './name-server.ts';

const folder = process.argv[2] ?? '';
const at = (name: string) => join(folder, name);

/** Of each DKIM-Signature whether it holds, and what the chain is worth. */
const python = `
import sys, json, dkim
raw = sys.stdin.buffer.read()
def holds(i):
  try:
    return bool(dkim.DKIM(raw, minkey=1024).verify(idx=i))
  except dkim.DKIMException:
    return False
count = sum(1 for name, value in dkim.rfc822_parse(raw)[0] if name.lower() == b'dkim-signature')
print(json.dumps({
  'dkim': [holds(i) for i in range(count)],
  'arc': dkim.arc_verify(raw, minkey=1024)[0].decode(),
}))
`;

run('ip', 'link', 'set', 'lo', 'up');
writeFileSync(at('resolv.conf'), 'nameserver 127.0.0.1\n');
run('mount', '--bind', at('resolv.conf'), '/etc/resolv.conf');
const dns = await startNameServer(JSON.parse(readFileSync(at('zones.json'), 'utf8')), 53);
const mails = readdirSync(folder).filter((name) => name.endsWith('.eml'));
for (const name of mails.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
  const openDkim = await judge('opendkim-testmsg', [], name);
  const told = await judge('/usr/bin/python3', ['-c', python], name);
  if (told.status !== 0) throw new Error(told.errors);
  console.log(JSON.stringify({ openDkim: openDkim.status === 0, ...JSON.parse(told.output) }));
}
await dns.close();

/** Not spawnSync: meanwhile the name server must answer. */
async function judge(command: string, args: readonly string[], name: string) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(readFileSync(at(name)));
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  return { output, errors, status };
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
