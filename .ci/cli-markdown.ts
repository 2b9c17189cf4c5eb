import type { Command } from 'commander';
import { createProgram } from '../src/cli/program.ts';

/** docs/cli.md: every command with its arguments and options, from commander's tree. */
export function cliMarkdown(): string {
  const program = createProgram(nowhere);
  const options = program.options.map(({ flags, description }) => `- \`${flags}\`: ${description}`);
  const head = `# Command line

\`listwright <noun> <verb>\`. It works while the server runs and while it does not; a running server acts on a change within one second.
\`LIST\` is an address (\`birds@lists.example.org\`) or, where one domain is configured, its local part (\`birds\`).

Exit status: 0 done; 1 refused, failed or done in part only, with a sentence on standard error that says what was not done; 2 wrong usage.
A command that takes several things – addresses, numbers, the lines of a file – does what it can, prints that, and then says what it left out.

For scripts there is \`--json\`: docs/json.md says what each command prints then, and what is promised of it.

Before or after any command:

${options.join('\n')}
`;
  return [head, ...program.commands.flatMap((command) => describe(command, 'listwright'))].join('\n');
}

function describe(command: Command, parents: string): string[] {
  const name = `${parents} ${command.name()}`;
  if (command.commands.length > 0) {
    const verbs = command.commands.flatMap((child) => describe(child, name));
    return [`## ${command.name()}\n\n${command.description()}\n`, ...verbs];
  }
  const level = parents.includes(' ') ? '###' : '##';
  const usage = `${name} ${command.usage().replace('[options] ', '').replace('[options]', '')}`.trim();
  const details = [
    ...command.registeredArguments.map((argument) => [
      argument.name(),
      argument.description,
      choices(argument.argChoices),
    ]),
    ...command.options.map((option) => [option.flags, option.description, choices(option.argChoices)]),
  ].map(([term, about, allowed]) => `- \`${term}\`${about ? `: ${about}` : ''}${allowed}`);
  return [
    `${level} \`${usage}\`\n\n${command.description()}\n`,
    ...(details.length > 0 ? [`${details.join('\n')}\n`] : []),
  ];
}

function choices(allowed: readonly string[] | undefined): string {
  return allowed ? ` (${allowed.join(', ')})` : '';
}

/** The program is only described, never run. */
const nowhere: Parameters<typeof createProgram>[0] = {
  version: '',
  env: {},
  cwd: '/',
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  openOperations: notRun,
  databases: { restore: notRun, copyTo: notRun },
  start: { serve: notRun, demo: notRun },
};

function notRun(): never {
  throw new Error('this program is described, not run');
}
