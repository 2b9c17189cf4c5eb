import { Command } from 'commander';
import { stats } from '../../operations/stats.ts';
import type { Frame } from '../frame.ts';

export function statsCommand({ operate, output }: Frame): Command {
  return new Command('stats')
    .description(
      'Count lists, members, posts, held posts and waiting mail; of the whole site or of one list.',
    )
    .argument('[list]', 'its address or local part')
    .action(async (list?: string) => {
      const numbers = await operate((desk) => desk.perform(stats, { list }));
      output.facts(
        [
          ['lists', numbers.lists],
          ['members', numbers.members],
          ['suspended', numbers.suspended],
          ['posts', numbers.posts],
          ['posts of the last 7 days', numbers.recentPosts],
          ['held', numbers.held],
          ['mail waiting', numbers.waiting],
        ],
        numbers,
      );
    });
}
