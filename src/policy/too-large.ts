import { formatSize, roundSize } from '../domain/units.ts';
import type { Rule } from './rule.ts';

export const tooLarge: Rule = {
  name: 'too-large',
  summary: 'Refuses a message larger than the list allows.',
  judge: ({ list, mail }) =>
    mail.bytes > list.settings.max_size
      ? {
          verdict: 'reject',
          why: `it is ${roundSize(mail.bytes)}; the list allows ${formatSize(list.settings.max_size)}`,
          advice: 'Put what is large on a web page and send its address',
        }
      : undefined,
};
