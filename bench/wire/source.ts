import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../figure.ts';
import type { Envelope } from '../load/sender.ts';
import { buildWireTool } from './build.ts';

export interface Load extends Envelope {
  /** As they stand between DATA and the final dot; each ends with a line break, and none of their lines begins with a dot. */
  readonly mails: readonly Buffer[];
  readonly connections: number;
}

/**
 * Hands all mails in over kept connections, from a client that costs next to nothing and waits for each reply. Milliseconds of
 * `monotonicNow`: the first command, and the last acceptance.
 */
export async function handIn(
  { folder }: Bench,
  port: number,
  { mails, connections, from, to }: Load,
): Promise<{ readonly began: number; readonly ended: number }> {
  const file = join(folder.path, 'mails');
  writeFileSync(file, Buffer.concat(mails.flatMap((mail) => [mail, endOfData])));
  const args = [String(port), String(connections), from, to, file];
  const { stdout } = await promisify(execFile)(buildWireTool('source'), args);
  const [began = Number.NaN, ended = Number.NaN] = stdout.split(' ').map((seconds) => Number(seconds) * 1000);
  return { began, ended };
}

const endOfData = Buffer.from('.\r\n');
