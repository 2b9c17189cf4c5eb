import { Command } from 'commander';
import type { Frame } from '../frame.ts';

export function demoCommand(frame: Frame): Command {
  return new Command('demo')
    .description('Run a real server in a temporary folder and play a short story through it.')
    .option('--exit', 'end after the story instead of staying up')
    .action(async (options: { readonly exit?: boolean }) => {
      await frame.start.demo({ exit: options.exit === true });
    });
}
