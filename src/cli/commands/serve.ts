import { Command } from 'commander';
import { requireStartable } from '../../config/load.ts';
import type { Frame } from '../frame.ts';

export function serveCommand(frame: Frame): Command {
  return new Command('serve')
    .description('Run the server: receive, deliver, show pages. Without a configuration, in trial mode.')
    .action(async () => {
      const loaded = frame.config();
      requireStartable(loaded);
      await frame.start.serve(loaded);
    });
}
