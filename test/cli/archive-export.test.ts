import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOperations } from '../../src/open-operations.ts';
import { runCommandLine } from '../support/command-line.ts';
import { testEnvironment } from '../support/server.ts';

let folder: string;
const run = (...args: string[]) =>
  runCommandLine(args, {
    env: testEnvironment({ data_dir: folder, 'delivery.transport': 'capture' }),
    openOperations: (loaded) => openOperations(loaded, { upgrade: false, stdout: new PassThrough() }),
  });
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'listwright-export-'));
  await run('list', 'create', 'birds', '--owner', 'olga@example.com', '--reply-to', 'author');
  writeFileSync(
    inFolder('old.eml'),
    'From: olga@example.com\nMessage-ID: <1@x>\nSubject: Wren\n\nIt sings.\n',
  );
  await run('archive', 'import', 'birds', inFolder('old.eml'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('archive import', () => {
  it('says which mails it left out, and ends with status 1', async () => {
    mkdirSync(inFolder('half'));
    copyFileSync(inFolder('old.eml'), inFolder('half/1.eml'));
    writeFileSync(inFolder('half/2.eml'), '\nIt has no header.\n');
    const { status, stdout, stderr } = await run('archive', 'import', 'birds', inFolder('half'), '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([1, { imported: 0, problems: [{}] }]);
    expect(stderr).toMatch(
      /^listwright: 1 mail was left out \(imported 0, already there 1\): .*2\.eml: it has no header, so it is no mail\.\n$/,
    );
  });
});

describe('archive export --to', () => {
  it('writes an mbox', async () => {
    const file = inFolder('birds.mbox');
    expect(await run('archive', 'export', 'birds', '--to', file)).toEqual({
      status: 0,
      stdout: `Wrote 1 post to ${file}.\n`,
      stderr: '',
    });
    expect(readFileSync(file, 'latin1')).toMatch(/^From olga@example\.com .*\n(.*\n)*\nIt sings\.\n\n$/);
  });

  it('writes over nothing', async () => {
    const file = inFolder('mine.mbox');
    writeFileSync(file, 'mine');
    expect(await run('archive', 'export', 'birds', '--to', file)).toEqual({
      status: 1,
      stdout: '',
      stderr: `listwright: ${file}: it is there already, and nothing is written over: name another.\n`,
    });
    expect(readFileSync(file, 'latin1')).toBe('mine');
  });

  it('says where there is no such folder', async () => {
    const file = inFolder('nowhere/birds.mbox');
    const { status, stderr } = await run('archive', 'export', 'birds', '--to', file);
    expect([status, stderr]).toEqual([1, `listwright: ${file}: there is no such file or folder.\n`]);
  });

  it('leaves no file of a list that is not there', async () => {
    const { status } = await run('archive', 'export', 'fish', '--to', inFolder('fish.mbox'));
    expect(status).toBe(1);
    expect(readdirSync(folder)).not.toContain('fish.mbox');
  });
});
