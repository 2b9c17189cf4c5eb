import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { runCommandLine } from '../support/command-line.ts';

const sample = new Command('listwright')
  .option('-c, --config <file>', 'the configuration')
  .option('--json', "it's JSON");
const list = new Command('list').description('lists');
list
  .command('create <address>')
  .description('make one')
  .option('--owner <email>', 'its owner')
  .option('--yes', 'no question');
list.command('ls').description('name them');
sample.addCommand(list);
sample.addCommand(
  new Command('completion').addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh'])),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listwright-completion-'));
  writeFileSync(join(folder, 'script.bash'), completionScript('bash', sample));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers after `words`, the last of which is half typed. */
function offers(words: readonly string[]): string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _listwright; echo "\${COMPREPLY[@]}"`;
  const out = execFileSync(
    'bash',
    ['-c', script, 'bash', join(folder, 'script.bash'), 'listwright', ...words],
    {
      encoding: 'utf8',
    },
  );
  return out.trim() === '' ? [] : out.trim().split(' ');
}

describe('bash offers', () => {
  it.each<[what: string, words: readonly string[], offered: readonly string[]]>([
    [
      'nouns first, and the options that go everywhere',
      [''],
      ['list', 'completion', '--config', '-c', '--json'],
    ],
    ['the noun that was begun', ['li'], ['list']],
    ['the verbs of a noun', ['list', ''], ['create', 'ls', '--config', '-c', '--json']],
    ['the options of a verb', ['list', 'create', '--'], ['--owner', '--yes', '--config', '--json']],
    ['the same after an argument', ['list', 'create', 'birds@x.example', '--y'], ['--yes']],
    ['the words an argument may be', ['completion', 'z'], ['zsh']],
    ['verbs, when an option with its value stands before the noun', ['-c', 'list', 'list', 'l'], ['ls']],
    ['nothing after a word it does not know', ['birds', 'l'], []],
  ])('%s', (_, words, offered) => {
    expect(offers(words)).toEqual(offered);
  });
});

describe('the scripts of the whole program', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('%s: name every command', async (shell) => {
    const { status, stdout } = await runCommandLine(['completion', shell]);
    expect(status).toBe(0);
    for (const word of ['serve', 'demo', 'config', 'check', 'show', 'reference'])
      expect(stdout).toContain(word);
    if (shell !== 'bash') expect(stdout).toContain('Check, show and explain the configuration.');
  });

  it('bash accepts its own', async () => {
    const { stdout } = await runCommandLine(['completion', 'bash']);
    execFileSync('bash', ['-n'], { input: stdout });
  });

  it('quotes do not end early', () => {
    expect(completionScript('fish', sample)).toContain(String.raw`'it'\''s JSON'`);
  });
});
