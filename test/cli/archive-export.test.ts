import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
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

  describe.each([
    ['eml', '000001.eml'],
    ['maildir', 'cur'],
  ])('--format %s', (format, first) => {
    const exportTo = (path: string) => run('archive', 'export', 'birds', '--format', format, '--to', path);

    it('writes into a new folder that only its owner can read, and not into it again', async () => {
      const path = inFolder(`new-${format}`);
      expect((await exportTo(path)).status).toBe(0);
      expect(readdirSync(path)).toContain(first);
      expect(statSync(path).mode & 0o777).toBe(0o700);
      const [file] = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      expect(statSync(join(`${file?.parentPath}`, `${file?.name}`)).mode & 0o777).toBe(0o600);
      expect(await exportTo(path)).toMatchObject({ status: 1, stdout: '' });
    });

    it('writes nothing among files that are there', async () => {
      const path = inFolder(`mine-${format}`);
      mkdirSync(path);
      writeFileSync(join(path, 'notes.txt'), 'mine');
      expect(await exportTo(path)).toEqual({
        status: 1,
        stdout: '',
        stderr: `listwright: ${path}: there is something in it already (notes.txt), and nothing is written over: name a new or an empty folder.\n`,
      });
      expect(readdirSync(path)).toEqual(['notes.txt']);
    });

    it('takes the folder that an attempt left which found no such list', async () => {
      const path = inFolder(`again-${format}`);
      const { status } = await run('archive', 'export', 'fish', '--format', format, '--to', path);
      expect([status, (await exportTo(path)).status]).toEqual([1, 0]);
    });
  });
});
