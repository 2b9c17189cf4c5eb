/**
 * Runs OpenDKIM and OpenDMARC with a name server of ours: they ask port 53 of what /etc/resolv.conf says, so this program must have a
 * network and a mount table of its own (`unshare --net --mount`). Their sockets are files, which Postfix outside can reach. Arguments: a
 * folder with zones.json, and whether OpenDMARC refuses what fails (`true`, `false`); says “ready”.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNameServer } from './name-server.ts';

const folder = process.argv[2] ?? '';
const at = (name: string) => join(folder, name);

run('ip', 'link', 'set', 'lo', 'up');
writeFileSync(at('resolv.conf'), 'nameserver 127.0.0.1\n');
run('mount', '--bind', at('resolv.conf'), '/etc/resolv.conf');
await startNameServer(JSON.parse(readFileSync(at('zones.json'), 'utf8')), 53);
// Both take this machine for one of ours, and look at nothing that comes from it, unless they are told of other hosts.
writeFileSync(at('ours'), '192.0.2.255\n');
daemon('opendkim', ['-f', '-x'], {
  Mode: 'v',
  AuthservID: 'mail.example.org',
  InternalHosts: at('ours'),
  ExternalIgnoreList: at('ours'),
  Nameservers: '127.0.0.1',
  Syslog: 'no',
});
daemon('opendmarc', ['-f', '-c'], {
  AuthservID: 'mail.example.org',
  TrustedAuthservIDs: 'mail.example.org',
  IgnoreHosts: at('ours'),
  SPFSelfValidate: 'true',
  SPFIgnoreResults: 'true',
  RejectFailures: process.argv[3] ?? 'false',
  Syslog: 'false',
});
await bothListen();
console.log('ready');

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function daemon(name: string, flags: readonly string[], settings: Readonly<Record<string, string>>): void {
  const lines = { ...settings, Socket: `local:${at(`${name}.sock`)}`, UMask: '000' };
  writeFileSync(
    at(`${name}.conf`),
    Object.entries(lines)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
  );
  const child = spawn(`/usr/sbin/${name}`, [...flags, at(`${name}.conf`)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child.once('exit', (code) => {
    console.error(`${name} ended with ${code}`);
    process.exit(1);
  });
}

function bothListen(): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, look);
    function look(): void {
      if (!existsSync(at('opendkim.sock')) || !existsSync(at('opendmarc.sock'))) return;
      watcher.close();
      resolve();
    }
    look();
  });
}
