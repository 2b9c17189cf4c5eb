import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startChild } from './child.ts';
import type { Zones } from './name-server.ts';
import { findPeer } from './peers.ts';

/** What others say of a mail that we signed. */
export interface Judgement {
  /** OpenDKIM: the signatures hold. */
  readonly openDkim: boolean;
  /** python3-dkim, of each DKIM-Signature from the top. */
  readonly dkim: readonly boolean[];
  /** python3-dkim: `pass`, `fail`, `none`. */
  readonly arc: string;
}

/** Why they cannot be asked here, for the name of the tests; '': they can. */
export function whyNoJudges(): string {
  // Another python3 may stand before Debian's in the path, and knows nothing of its packages.
  const python = spawnSync('/usr/bin/python3', ['-c', 'import dkim, nacl, dns']).status === 0;
  if (!python && process.env.LISTWRIGHT_REQUIRE_PEERS === '1')
    throw new Error('python3-dkim is not installed');
  if (!findPeer('opendkim-testmsg') || !python) return ' (skipped: no OpenDKIM and python3-dkim here)';
  const mayUnshare =
    process.getuid?.() === 0 && spawnSync('unshare', ['--net', '--mount', 'true']).status === 0;
  return mayUnshare ? '' : ' (skipped: only root can give them a name server)';
}

/** In the order of the mails (latin1, CRLF). */
export async function askJudges(mails: readonly string[], zones: Zones): Promise<readonly Judgement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-judges-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'zones.json'), JSON.stringify(zones));
  for (const [i, mail] of mails.entries()) writeFileSync(join(folder, `${i}.eml`), mail, 'latin1');
  const lines = await startChild('judges-child.ts', [folder], ['unshare', '--net', '--mount']).finished();
  return lines.map((line) => JSON.parse(line) as Judgement);
}
