import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeer } from '../support/peers.ts';
import { message, type Started, start } from './test-door.ts';

const run = promisify(execFile);
const swaks = findPeer('swaks');
const python = findPeer('python3');

let server: Started;
let port: string;
beforeAll(async () => {
  server = await start({ listen: ['127.0.0.1:0'], lmtp: ['127.0.0.1:0'] });
  port = portOf('smtp');
});
afterAll(() => server.stop());

function portOf(protocol: 'smtp' | 'lmtp'): string {
  const found = server.listeners.addresses.find((address) => address.protocol === protocol);
  return found?.kind === 'tcp' ? String(found.port) : '';
}

describe.skipIf(!swaks)('swaks', () => {
  const send = (...args: string[]) =>
    run(swaks ?? '', ['--server', '127.0.0.1', '--port', port, '--from', 'alice@example.com', ...args]);

  it('sends a mail with an attachment, pipelined', async () => {
    const file = join(server.folder, 'attached.txt');
    await writeFile(file, 'line\n.\n..two dots\n');
    const { stdout } = await send('--to', 'birds@lists.example.org', '--attach', `@${file}`, '--pipeline');
    expect(stdout).toMatch(/<[-~]+ {1,2}250 2\.0\.0 accepted as \d+/);
    expect(server.door.mails.at(-1)?.raw.toString()).toContain('Content-Disposition: attachment');
  });

  it('hears at RCPT that there is no such list', async () => {
    await expect(send('--to', 'cats@lists.example.org')).rejects.toMatchObject({
      stdout: expect.stringContaining('550 5.1.1 No such list here'),
    });
  });

  it('speaks LMTP', async () => {
    const { stdout } = await run(swaks ?? '', [
      ...['--protocol', 'LMTP', '--server', '127.0.0.1', '--port', portOf('lmtp')],
      ...['--from', 'alice@example.com', '--to', 'birds@lists.example.org,holds@lists.example.org'],
    ]);
    expect(stdout).toMatch(/250 2\.0\.0 accepted as \d+[\s\S]*250 2\.0\.0 held for a moderator as \d+/);
  });
});

describe.skipIf(!python)("Python's smtplib", () => {
  it('sends the bytes of a mail as they are, and several in one session', async () => {
    const file = join(server.folder, 'mail.eml');
    const text = message('Grüße\r\n.\r\n..two dots\r\n\r\nend\r\n');
    await writeFile(file, text);
    const script = `
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as s:
    for i in range(3):
        s.sendmail('alice@example.com', ['birds@lists.example.org', 'bees@lists.example.org'], open(sys.argv[2], 'rb').read())
    try:
        s.sendmail('alice@example.com', ['refuses@lists.example.org'], open(sys.argv[2], 'rb').read())
    except smtplib.SMTPDataError as e:
        print(e.smtp_code, e.smtp_error.decode())
`;
    const { stdout } = await run(python ?? '', ['-c', script, port, file]);
    expect(stdout.trim()).toBe('550 5.7.1 Only members may post');
    const sent = server.door.mails.slice(-4).map((mail) => mail.raw.toString());
    expect(sent).toEqual([text, text, text, text]);
  });
});
