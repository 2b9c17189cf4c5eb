import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer } from './peers.ts';

/** A self-signed certificate for `localhost`, made by openssl; undefined where there is none. */
export function testCertificate(): { key: string; cert: string } | undefined {
  const openssl = findPeer('openssl');
  if (!openssl) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'listwright-certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${cert}`;
    execFileSync(openssl, request.split(' '), { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
