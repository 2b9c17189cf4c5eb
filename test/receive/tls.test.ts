import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeer } from '../support/peers.ts';
import { greetedClient, message, type Started, start } from './test-door.ts';

const openssl = findPeer('openssl');

describe.skipIf(!openssl)('STARTTLS', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'listwright-tls-'));
    await Promise.all(['old', 'new'].map((name) => makeCertificate(path(name), name)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function use(name: string): Promise<void> {
    await copyFile(path(`${name}.cert`), path('cert.pem'));
    await copyFile(path(`${name}.key`), path('key.pem'));
  }

  async function listen(): Promise<Started> {
    await use('old');
    return start({
      tls: { certFile: path('cert.pem'), keyFile: path('key.pem') },
      limits: { tlsPoll: 20 },
    });
  }

  async function handshake(server: Started): Promise<string> {
    const peer = await server.client();
    await peer.reply();
    expect(await peer.say('EHLO x')).toContain('250-STARTTLS');
    expect(await peer.say('STARTTLS')).toContain('220');
    const name = await peer.startTls();
    peer.destroy();
    return name;
  }

  it('is offered with a certificate, and the mail says that it came through TLS', async () => {
    const server = await listen();
    const peer = await server.client();
    await peer.reply();
    expect(await peer.say('EHLO x')).toContain('250-STARTTLS');
    expect(await peer.say('STARTTLS')).toContain('220');
    expect(await peer.startTls()).toBe('old');
    expect(await peer.say('MAIL FROM:<>')).toContain('503'); // RFC 3207 §4.2: nothing said before counts
    expect(await peer.say('EHLO x')).not.toContain('STARTTLS');
    await peer.say('MAIL FROM:<>');
    await peer.say('RCPT TO:<birds@lists.example.org>');
    await peer.say('DATA');
    expect(await peer.say(`${message()}.`)).toContain('250');
    expect(server.door.mails[0]?.peer.tls).toBe(true);
    peer.destroy();
    await server.stop();
  });

  it('drops what was sent in clear text behind it (STARTTLS injection)', async () => {
    const server = await listen();
    const peer = await server.client();
    await peer.reply();
    await peer.say('EHLO x');
    expect(await peer.say('STARTTLS\r\nEHLO injected\r\nMAIL FROM:<injected@example.com>')).toContain('220');
    await peer.startTls();
    expect(await peer.say('RCPT TO:<birds@lists.example.org>')).toContain('503');
    peer.destroy();
    await server.stop();
  });

  it('counts a connection out that went away inside TLS', async () => {
    await use('old');
    const server = await start({
      connectionsPerIp: 1,
      tls: { certFile: path('cert.pem'), keyFile: path('key.pem') },
    });
    for (let i = 0; i < 3; i++) {
      const peer = await greetedClient(server.client);
      await peer.say('EHLO x');
      await peer.say('STARTTLS');
      await peer.startTls();
      await peer.say('QUIT');
      await peer.closed();
      peer.destroy();
    }
    await server.stop();
  });

  it('takes a new certificate without a restart', async () => {
    const server = await listen();
    expect(await handshake(server)).toBe('old');
    const heard = server.door.heard('the new certificate is in use');
    await use('new');
    await heard;
    expect(await handshake(server)).toBe('new');
    await server.stop();
  });

  it('keeps the old one while the new files are broken', async () => {
    const server = await listen();
    const heard = server.door.heard('the new certificate is not used, the old one is kept');
    await writeFile(path('cert.pem'), 'half a certifi');
    await heard;
    expect(await handshake(server)).toBe('old');
    await server.stop();
  });

  it('does not start with files that do not belong together', async () => {
    await expect(start({ tls: { certFile: path('old.cert'), keyFile: path('new.key') } })).rejects.toThrow(
      /the certificate .* with the key .* cannot be used: .*mismatch/,
    );
  });

  async function makeCertificate(base: string, name: string): Promise<void> {
    const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ${base}.key -out ${base}.cert`;
    await promisify(execFile)(openssl ?? 'openssl', args.split(' '));
  }
});
