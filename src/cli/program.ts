import { Command } from 'commander';
import { archiveCommand } from './commands/archive.ts';
import { bounceCommand } from './commands/bounce.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { dbCommand } from './commands/db.ts';
import { demoCommand } from './commands/demo.ts';
import { dkimCommand } from './commands/dkim.ts';
import { headerCommand } from './commands/header.ts';
import { heldCommand } from './commands/held.ts';
import { listCommand } from './commands/list.ts';
import { memberCommand } from './commands/member.ts';
import { policyCommand } from './commands/policy.ts';
import { queueCommand } from './commands/queue.ts';
import { rewriteCommand } from './commands/rewrite.ts';
import { senderCommand } from './commands/sender.ts';
import { serveCommand } from './commands/serve.ts';
import { statsCommand } from './commands/stats.ts';
import { createFrame, type Frame, type GlobalOptions, type Surroundings } from './frame.ts';

/** In the order in which help shows them. */
const commands: readonly ((frame: Frame) => Command)[] = [
  serveCommand,
  demoCommand,
  listCommand,
  memberCommand,
  heldCommand,
  senderCommand,
  headerCommand,
  policyCommand,
  rewriteCommand,
  archiveCommand,
  queueCommand,
  bounceCommand,
  statsCommand,
  dkimCommand,
  dbCommand,
  configCommand,
  completionCommand,
];

/** The whole command line. Its tree is also what help, docs/cli.md and the completions are made of. */
export function createProgram(around: Surroundings): Command {
  const program = new Command('listwright')
    .description('A self-hosted listserv: e-mail lists for communities of practice.')
    .version(`listwright ${around.version}`, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'the configuration, instead of the usual places')
    .option('--json', 'print data as one JSON document')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(add --help for what is allowed)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void around.stdout.write(text),
      writeErr: (text) => void around.stderr.write(text),
      getOutHelpWidth: () => around.stdout.columns ?? 100,
      getErrHelpWidth: () => around.stderr.columns ?? 100,
    })
    .exitOverride();
  const frame = createFrame(around, () => program.opts<GlobalOptions>());
  for (const command of commands) program.addCommand(command(frame));
  inherit(program);
  return program;
}

/** Commands made elsewhere do not know yet how the program prints and ends. */
function inherit(parent: Command): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    inherit(child);
  }
}
