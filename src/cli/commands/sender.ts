import { Command } from 'commander';
import type { SenderAction } from '../../domain/sender-rule.ts';
import { forgetSenderRule } from '../../operations/rules/forget-sender-rule.ts';
import { listSenderRules } from '../../operations/rules/list-sender-rules.ts';
import { setSenderRule } from '../../operations/rules/set-sender-rule.ts';
import { trySenderRule } from '../../operations/rules/try-sender-rule.ts';
import { everyRule } from '../every-rule.ts';
import type { Frame } from '../frame.ts';
import { isoTime, shortTime } from '../output.ts';
import { describePlace, placeArguments, readPlace, readPlaceFilter } from '../place-words.ts';
import { reportTried } from '../tried-posts.ts';
import { describeWho } from '../who-words.ts';

const patterns = `A pattern is an address (alice@example.org), a domain without its subdomains (*@example.org),
its subdomains without itself (*@*.example.org), or a regular expression in RE2's syntax
between slashes, found anywhere in the author's address, in any case: '/^promo/'.
What is said about an address counts before what is said about a domain, and patterns come last;
a ban of the whole site counts before everything a list says, all else of the site after it.
Only the author (From) is looked at; what nothing proves about the author still has to be proved.`;

export function senderCommand(frame: Frame): Command {
  const sender = new Command('sender')
    .description(
      "Decide for good what happens to posts of an address (alice@example.org), a domain (*@example.org), its subdomains (*@*.example.org) or a pattern ('/^promo/').",
    )
    .addHelpText('after', `\n${patterns}`);
  actionVerb(sender, frame, {
    action: 'allow',
    description: 'Let them post without being asked whether they are members or have to wait.',
    done: 'may post to',
    tried: 'allowed',
  });
  actionVerb(sender, frame, {
    action: 'hold',
    description: 'Have each of their posts wait for a moderator.',
    done: 'is held for a moderator of',
    tried: 'held',
  });
  actionVerb(sender, frame, {
    action: 'reject',
    description: 'Refuse their mail, and tell them so.',
    done: 'is refused by',
    tried: 'refused',
  });
  actionVerb(sender, frame, {
    action: 'discard',
    description: 'Ban them: their mail vanishes without a word.',
    done: 'is banned from',
    tried: 'dropped',
  });
  forgetVerb(sender, frame);
  lsVerb(sender, frame);
  return sender;
}

interface Verb {
  readonly action: SenderAction;
  readonly description: string;
  /** Between the pattern and the place. */
  readonly done: string;
  readonly tried: string;
}

interface ActionOptions {
  readonly site?: boolean;
  readonly dryRun?: boolean;
}

function actionVerb(sender: Command, { operate, output }: Frame, verb: Verb): void {
  const command = sender.command(verb.action).description(verb.description);
  placeArguments(command, ['pattern'])
    .option('--dry-run', 'change nothing; say which of the last 200 posts it would have been about')
    .action(async (words: string[], options: ActionOptions) => {
      const { list, rest } = readPlace(words, options, ['pattern']);
      const input = { list, pattern: rest[0], action: verb.action };
      if (options.dryRun) {
        const tried = await operate((desk) => desk.perform(trySenderRule, input));
        reportTried(output, tried, { would: verb.tried, rule: tried.pattern });
        return;
      }
      const { listId: _, ...set } = await operate((desk) => desk.perform(setSenderRule, input));
      const before = set.formerly && set.formerly !== set.action ? ` (before: ${set.formerly})` : '';
      output.done(`${set.pattern} ${verb.done} ${describePlace(set.list)} from now on${before}.`, set);
    });
}

function forgetVerb(sender: Command, { operate, output }: Frame): void {
  const command = sender.command('forget').description('Take a decision back: the usual rules apply again.');
  placeArguments(command, ['pattern']).action(
    async (words: string[], options: { readonly site?: boolean }) => {
      const { list, rest } = readPlace(words, options, ['pattern']);
      const { listId: _, ...gone } = await operate((desk) =>
        desk.perform(forgetSenderRule, { list, pattern: rest[0] }),
      );
      output.done(`Forgotten for ${describePlace(gone.list)}: ${gone.formerly} ${gone.pattern}.`, gone);
    },
  );
}

function lsVerb(sender: Command, { operate, output }: Frame): void {
  sender
    .command('ls')
    .description('Name the decisions, of one list, of the site, or all.')
    .argument('[list]', 'its address or local part')
    .option('--site', "the whole site's only")
    .action(async (named: string | undefined, options: { readonly site?: boolean }) => {
      const list = readPlaceFilter(named, options);
      const rules = await operate((desk) =>
        everyRule((after) => desk.perform(listSenderRules, { list, after, limit: 1000 })),
      );
      output.rows(rules, {
        columns: [
          ['where', (row) => describePlace(row.list)],
          ['pattern', (row) => row.pattern],
          ['action', (row) => row.action],
          ['by', (row) => describeWho(row.createdBy)],
          ['since', (row) => shortTime(row.createdAt)],
        ],
        json: ({ list: where, pattern, action, createdBy, createdAt }) => ({
          list: where,
          pattern,
          action,
          createdBy,
          createdAt: isoTime(createdAt),
        }),
        none: 'Nothing was decided about any sender.',
      });
    });
}
