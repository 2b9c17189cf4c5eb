import { Argument, Command } from 'commander';
import { completionScript, type Shell, shells } from '../completion.ts';
import type { Frame } from '../frame.ts';

export function completionCommand(frame: Frame): Command {
  return new Command('completion')
    .description('Print a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      `
Install it:
  bash  listwright completion bash > ~/.local/share/bash-completion/completions/listwright
  zsh   listwright completion zsh > "\${fpath[1]}/_listwright"
  fish  listwright completion fish > ~/.config/fish/completions/listwright.fish`,
    )
    .action((shell: Shell, _options, command: Command) => {
      frame.output.raw(completionScript(shell, rootOf(command)));
    });
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}
