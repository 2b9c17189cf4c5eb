import { Command } from 'commander';
import type { HeaderAction } from '../../domain/header-rule.ts';
import { forgetHeaderRule } from '../../operations/rules/forget-header-rule.ts';
import { listHeaderRules } from '../../operations/rules/list-header-rules.ts';
import { setHeaderRule } from '../../operations/rules/set-header-rule.ts';
import { tryHeaderRule } from '../../operations/rules/try-header-rule.ts';
import { everyRule } from '../every-rule.ts';
import type { Frame } from '../frame.ts';
import { isoTime, shortTime } from '../output.ts';
import { describePlace, placeArguments, readPlace, readPlaceFilter } from '../place-words.ts';
import { reportTried } from '../tried-posts.ts';
import { describeWho } from '../who-words.ts';

const patterns = `FIELD is the name of a header field, such as Subject; PATTERN a regular expression in RE2's syntax, with or
without slashes around it, found anywhere in the decoded value, in any case: 'Subject' '\\b(viagra|casino)\\b'.
Of several rules that match, the strictest counts: reject, then discard, hold, accept. Only the first
1,000 characters of a field are looked at.`;

export function headerCommand(frame: Frame): Command {
  const header = new Command('header')
    .description(
      "Decide for good what happens to posts with something in a header field: Subject '\\b(viagra|casino)\\b'.",
    )
    .addHelpText('after', `\n${patterns}`);
  actionVerb(header, frame, {
    action: 'accept',
    description: 'Let such posts pass without asking whether their author is a member or has to wait.',
    done: 'pass',
    tried: 'let through',
  });
  actionVerb(header, frame, {
    action: 'hold',
    description: 'Have such posts wait for a moderator.',
    done: 'are held',
    tried: 'held',
  });
  actionVerb(header, frame, {
    action: 'reject',
    description: 'Refuse such posts, and tell their author so.',
    done: 'are refused',
    tried: 'refused',
  });
  actionVerb(header, frame, {
    action: 'discard',
    description: 'Drop such posts without a word.',
    done: 'are dropped',
    tried: 'dropped',
  });
  forgetVerb(header, frame);
  lsVerb(header, frame);
  return header;
}

interface Verb {
  readonly action: HeaderAction;
  readonly description: string;
  readonly done: string;
  readonly tried: string;
}

interface PlaceOption {
  readonly site?: boolean;
}

interface ActionOptions extends PlaceOption {
  readonly dryRun?: boolean;
}

function actionVerb(header: Command, { operate, output }: Frame, verb: Verb): void {
  const command = header.command(verb.action).description(verb.description);
  placeArguments(command, ['field', 'pattern'])
    .option('--dry-run', 'change nothing; say which of the last 200 posts it would have been about')
    .action(async (words: string[], options: ActionOptions) => {
      const { list, rest } = readPlace(words, options, ['field', 'pattern']);
      const [field, pattern] = rest;
      const input = { list, field, pattern, action: verb.action };
      if (options.dryRun) {
        const tried = await operate((desk) => desk.perform(tryHeaderRule, input));
        reportTried(output, tried, { would: verb.tried, rule: `${tried.field} ${tried.pattern}` });
        return;
      }
      const { listId: _, ...set } = await operate((desk) => desk.perform(setHeaderRule, input));
      const before = set.formerly && set.formerly !== set.action ? ` (before: ${set.formerly})` : '';
      output.done(
        `Posts to ${describePlace(set.list)} with ${set.pattern} in ${set.field} ${verb.done} from now on${before}.`,
        set,
      );
    });
}

function forgetVerb(header: Command, { operate, output }: Frame): void {
  const command = header.command('forget').description('Take a decision back: the usual rules apply again.');
  placeArguments(command, ['field', 'pattern']).action(async (words: string[], options: PlaceOption) => {
    const { list, rest } = readPlace(words, options, ['field', 'pattern']);
    const [field, pattern] = rest;
    const { listId: _, ...gone } = await operate((desk) =>
      desk.perform(forgetHeaderRule, { list, field, pattern }),
    );
    output.done(
      `Forgotten for ${describePlace(gone.list)}: ${gone.formerly} ${gone.field} ${gone.pattern}.`,
      gone,
    );
  });
}

function lsVerb(header: Command, { operate, output }: Frame): void {
  header
    .command('ls')
    .description('Name the decisions, of one list, of the site, or all.')
    .argument('[list]', 'its address or local part')
    .option('--site', "the whole site's only")
    .action(async (named: string | undefined, options: PlaceOption) => {
      const list = readPlaceFilter(named, options);
      const rules = await operate((desk) =>
        everyRule((after) => desk.perform(listHeaderRules, { list, after, limit: 1000 })),
      );
      output.rows(rules, {
        columns: [
          ['where', (row) => describePlace(row.list)],
          ['field', (row) => row.field],
          ['pattern', (row) => row.pattern],
          ['action', (row) => row.action],
          ['by', (row) => describeWho(row.createdBy)],
          ['since', (row) => shortTime(row.createdAt)],
        ],
        json: ({ list: where, field, pattern, action, createdBy, createdAt }) => ({
          list: where,
          field,
          pattern,
          action,
          createdBy,
          createdAt: isoTime(createdAt),
        }),
        none: 'Nothing was decided about any header field.',
      });
    });
}
