import { Command, Option } from 'commander';
import { presets } from '../../domain/list-settings.ts';
import { closeList } from '../../operations/lists/close-list.ts';
import { createList } from '../../operations/lists/create-list.ts';
import { deleteList } from '../../operations/lists/delete-list.ts';
import type { ListDetails } from '../../operations/lists/list-details.ts';
import { type ListLine, listLists } from '../../operations/lists/list-lists.ts';
import { renameList } from '../../operations/lists/rename-list.ts';
import { reopenList } from '../../operations/lists/reopen-list.ts';
import { setList } from '../../operations/lists/set-list.ts';
import { showList } from '../../operations/lists/show-list.ts';
import type { Desk, Frame } from '../frame.ts';
import { parseKeyValues } from '../key-values.ts';

const suffixNameOption = 'allow a name that ends like one of our own addresses, such as friends-owner';

export function listCommand(frame: Frame): Command {
  const list = new Command('list').description('Create, show, change and delete lists.');
  createVerb(list, frame);
  lsVerb(list, frame);
  showVerb(list, frame);
  setVerb(list, frame);
  renameVerb(list, frame);
  closeVerb(list, frame);
  reopenVerb(list, frame);
  deleteVerb(list, frame);
  return list;
}

interface CreateOptions {
  readonly owner: readonly string[];
  readonly title?: string;
  readonly purpose?: string;
  readonly preset: string;
  readonly replyTo?: string;
  readonly allowSuffixName?: boolean;
}

const anonymousWarning =
  'From now on posts go out and are kept without their author. What authors write about themselves stays, and so do signatures of S/MIME and PGP; who moderates sees who wrote a post that waits.';

const uncheckedWarning =
  'But nobody checks here who sent a mail (checks.spf_dkim_dmarc is false and smtp.trusted_authserv_ids is empty): spoof_protection asks for nothing until somebody does, but where only owners post.';

/** The one question about a new list that nobody can answer for its owners (email.md §5.3). */
const replyQuestion = {
  question: 'When somebody presses Reply to a post, the answer goes to',
  choices: [
    { value: 'author', label: 'its author alone; whoever wants everybody to read it presses Reply to all' },
    { value: 'list', label: 'everybody on the list' },
  ],
} as const;

function createVerb(list: Command, { operate, output, askChoice }: Frame): void {
  list
    .command('create')
    .description('Make a list.')
    .argument('<address>', 'its address, or the local part where one domain is configured')
    .requiredOption('--owner <email>', 'who answers for it; may be given several times', collect)
    .option('--title <text>', 'its name for people')
    .option('--purpose <text>', 'what it is for, in a sentence')
    .addOption(
      new Option('--preset <name>', 'what its settings start from').choices(presets).default('discussion'),
    )
    .option(
      '--reply-to <where>',
      'where answers go: author, list, both, keep or an address (reply_to); asked on a terminal',
    )
    .option('--allow-suffix-name', suffixNameOption)
    .action(async (address: string, { owner, ...options }: CreateOptions) => {
      const isTalk = options.preset === 'discussion' || options.preset === 'private';
      const replyTo = options.replyTo ?? (isTalk ? await askChoice(replyQuestion) : undefined);
      const request = { address, owners: owner, ...options, replyTo };
      const made = await operate((desk) => desk.perform(createList, request));
      output.done(`Made ${made.address}.`, document(made));
    });
}

function lsVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('ls')
    .description('Name the lists.')
    .action(async () => {
      output.rows(await operate(everyList), {
        columns: [
          ['address', (row) => row.address],
          ['title', (row) => row.title],
          ['members', (row) => row.members],
          ['closed', (row) => row.closed],
        ],
        json: (row) => row,
        none: 'There are no lists yet: npx listwright list create ADDRESS --owner EMAIL',
      });
    });
}

function showVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('show')
    .description('Show a list and its settings.')
    .argument('<list>', 'its address or local part')
    .action(async (named: string) => {
      const shown = await operate((desk) => desk.perform(showList, { list: named }));
      output.facts(factsOf(shown), document(shown));
    });
}

function setVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('set')
    .description('Change the title, the purpose or settings (docs/settings.md): all that are named, or none.')
    .argument('<list>', 'its address or local part')
    .argument('<key=value...>', 'for example moderated=true max_size="5 MiB"')
    .action(async (named: string, words: string[]) => {
      const changes = parseKeyValues(words);
      const { changed, nobodyChecks } = await operate(async (desk) => ({
        changed: await desk.perform(setList, { list: named, changes }),
        nobodyChecks: desk.site.senderChecks === 'none',
      }));
      output.done(`Changed ${Object.keys(changes).join(', ')} of ${changed.address}.`, document(changed));
      if ('anonymous' in changes && changed.settings.anonymous) output.note(anonymousWarning);
      if ('spoof_protection' in changes && nobodyChecks && changed.settings.spoof_protection !== 'off')
        output.note(uncheckedWarning);
    });
}

function renameVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('rename')
    .description('Give a list another address; the old ones go on working.')
    .argument('<list>', 'its address or local part')
    .argument('<address>', 'the new one')
    .option('--allow-suffix-name', suffixNameOption)
    .action(async (named: string, address: string, options: { readonly allowSuffixName?: boolean }) => {
      const renamed = await operate((desk) => desk.perform(renameList, { list: named, address, ...options }));
      output.done(`${renamed.formerly} is now ${renamed.address}; both work.`, {
        ...document(renamed),
        formerly: renamed.formerly,
      });
    });
}

function closeVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('close')
    .description('Let nobody post or join any more; everything else stays.')
    .argument('<list>', 'its address or local part')
    .action(async (named: string) => {
      const closed = await operate((desk) => desk.perform(closeList, { list: named }));
      output.done(`Closed ${closed.address}.`, document(closed));
    });
}

function reopenVerb(list: Command, { operate, output }: Frame): void {
  list
    .command('reopen')
    .description('Open a closed list again.')
    .argument('<list>', 'its address or local part')
    .action(async (named: string) => {
      const opened = await operate((desk) => desk.perform(reopenList, { list: named }));
      output.done(`Opened ${opened.address} again.`, document(opened));
    });
}

function deleteVerb(list: Command, frame: Frame): void {
  list
    .command('delete')
    .description(
      'Delete a list: its members, its waiting posts, its addresses. Posts stay stored, out of sight.',
    )
    .argument('<list>', 'its address or local part')
    .option('--yes', 'do not ask')
    .action(async (named: string, options: { readonly yes?: boolean }) => {
      const address = await frame.operate((desk) => deleteWhole(frame, desk, { named, ...options }));
      frame.output.done(`Deleted ${address}.`, { address, deleted: true });
    });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function everyList(desk: Desk): Promise<readonly ListLine[]> {
  const lines: ListLine[] = [];
  for (let after: string | undefined; ; ) {
    const page = await desk.perform(listLists, { limit: 1000, after });
    lines.push(...page.lists);
    if (page.next === undefined) return lines;
    after = page.next;
  }
}

async function deleteWhole(
  frame: Frame,
  desk: Desk,
  { named, yes }: { readonly named: string; readonly yes?: boolean },
): Promise<string> {
  const { address, members } = await desk.perform(showList, { list: named });
  await frame.askFirst(`Delete ${address} with its ${members} members?`, { yes });
  const progress = frame.progress('Removing members', members);
  for (let before = members; ; ) {
    const { remaining } = await desk.perform(deleteList, { list: address });
    progress.advance(before - remaining);
    before = remaining;
    if (remaining === 0) break;
  }
  progress.stop();
  return address;
}

function factsOf(shown: ListDetails): (readonly [label: string, value: string | number | boolean])[] {
  return [
    ['address', shown.address],
    ['title', shown.title],
    ['purpose', shown.purpose],
    ['closed', shown.closed],
    ['members', shown.members],
    ['owners', shown.owners.join(', ')],
    // As `list set` reads them, so that a line can be copied.
    ...Object.entries(shown.settings).map(([key, value]) => [key, String(value)] as const),
  ];
}

/** The keys that are promised to scripts, and no others. */
function document({ address, title, purpose, closed, settings, members, owners }: ListDetails): ListDetails {
  return { address, title, purpose, closed, settings, members, owners };
}
