import { Command, Option } from 'commander';
import { exportHeader, exportLine } from '../../domain/member-export.ts';
import { deliveryModes, roles } from '../../domain/membership.ts';
import { addMembers } from '../../operations/members/add-members.ts';
import { listMembers } from '../../operations/members/list-members.ts';
import type { MemberDetails } from '../../operations/members/member-details.ts';
import { removeMembers } from '../../operations/members/remove-members.ts';
import { setMember } from '../../operations/members/set-member.ts';
import { type ShownMember, showMember } from '../../operations/members/show-member.ts';
import { UsageError } from '../exit.ts';
import type { Desk, Frame } from '../frame.ts';
import { parseKeyValues } from '../key-values.ts';
import { refuseRest } from '../refuse-rest.ts';
import { importCommand } from './member-import.ts';
import { syncCommand } from './member-sync.ts';

export function memberCommand(frame: Frame): Command {
  const member = new Command('member').description('Add, show, change, remove, import and export members.');
  addVerb(member, frame);
  removeVerb(member, frame);
  lsVerb(member, frame);
  showVerb(member, frame);
  setVerb(member, frame);
  member.addCommand(importCommand(frame));
  member.addCommand(syncCommand(frame));
  exportVerb(member, frame);
  return member;
}

interface AddOptions {
  readonly name?: string;
  readonly mode?: string;
  readonly role?: string;
  readonly consent?: string;
  readonly welcome?: boolean;
}

function addVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('add')
    .description('Put people on a list at once, without asking them.')
    .argument('<list>', 'its address or local part')
    .argument('<email...>', 'their addresses')
    .option('--name <name>', 'display name, for one address')
    .option('--mode <mode>', `how they get posts: ${deliveryModes.join(', ')}`)
    .addOption(new Option('--role <role>', 'what they are to the list').choices(roles))
    .option('--consent <text>', 'where and when they agreed; kept with the membership')
    .option('--welcome', 'send them the note that newcomers get')
    .action(async (list: string, emails: string[], { name, mode, role, ...options }: AddOptions) => {
      if (name !== undefined && emails.length > 1) throw new UsageError('--name fits one address only.');
      const members = emails.map((email) => ({ email, name, mode, role }));
      const { added, already, suppressed, own } = await operate((desk) =>
        desk.perform(addMembers, { list, members, ...options }),
      );
      if (added.length > 0 || output.json) {
        output.done(`Added ${added.join(', ')}.`, { added, already, suppressed, own });
      }
      refuseRest([
        ...already.map((email) => `${email} is on the list already`),
        ...suppressed.map(
          ({ email, reason }) => `${email} wants no mail from it (${reason}): they must join themselves`,
        ),
        ...own.map((email) => `${email} is an address of this list server`),
      ]);
    });
}

function removeVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('remove')
    .description('Take people off a list, without a note to them. Their settings come back if they do.')
    .argument('<list>', 'its address or local part')
    .argument('<email...>', 'their addresses')
    .action(async (list: string, emails: string[]) => {
      const { removed, notMembers } = await operate((desk) => desk.perform(removeMembers, { list, emails }));
      if (removed.length > 0 || output.json) {
        output.done(`Removed ${removed.join(', ')}.`, { removed, notMembers });
      }
      refuseRest(notMembers.map((email) => `${email} is not on the list`));
    });
}

function lsVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('ls')
    .description('Name the members of a list.')
    .argument('<list>', 'its address or local part')
    .action(async (list: string) => {
      const members: MemberDetails[] = [];
      await operate((desk) => eachPage(desk, list, (page) => void members.push(...page)));
      output.rows(members, {
        columns: [
          ['email', (row) => row.email],
          ['name', (row) => row.name],
          ['role', (row) => row.role],
          ['mode', (row) => row.mode],
          ['state', (row) => row.state],
          ['joined', (row) => row.joinedAt.slice(0, 10)],
          ['posting', (row) => describePosting(row)],
        ],
        json: (row) => row,
        none: 'The list has no members.',
      });
    });
}

function showVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('show')
    .description('Show a member, and how they came to be on the list.')
    .argument('<list>', 'its address or local part')
    .argument('<email>', 'the address')
    .action(async (list: string, email: string) => {
      const shown = await operate((desk) => desk.perform(showMember, { list, email }));
      output.facts(factsOf(shown), shown);
    });
}

function setVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('set')
    .description('Change a member: all that is named, or nothing.')
    .argument('<list>', 'its address or local part')
    .argument('<email>', 'the address')
    .argument(
      '<key=value...>',
      'of name, role, mode, own_copy, state (active or paused), posting (default, accept, hold, reject) and believed (true: without proof, a risk)',
    )
    .action(async (list: string, email: string, words: string[]) => {
      const changes = parseKeyValues(words);
      const { listId: _, ...changed } = await operate((desk) =>
        desk.perform(setMember, { list, email, changes }),
      );
      output.done(`Changed ${Object.keys(changes).join(', ')} of ${changed.email}.`, changed);
    });
}

function exportVerb(member: Command, { operate, output }: Frame): void {
  member
    .command('export')
    .description('Print the members of a list as CSV, the way `member import` reads it.')
    .argument('<list>', 'its address or local part')
    .action(async (list: string) => {
      const members: MemberDetails[] = [];
      await operate(async (desk) => {
        if (!output.json) output.raw(exportHeader);
        await eachPage(desk, list, (page) => {
          if (output.json) members.push(...page);
          else output.raw(page.map(exportLine).join(''));
        });
      });
      if (output.json) output.done('', members);
    });
}

async function eachPage(
  desk: Desk,
  list: string,
  take: (page: readonly MemberDetails[]) => void,
): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: { members: readonly MemberDetails[]; next?: number } = await desk.perform(listMembers, {
      list,
      after,
      limit: 1000,
    });
    take(page.members);
    after = page.next;
  }
}

/** Somebody believed without proof is a risk that is seen wherever members are. */
function describePosting({ posting, believed }: MemberDetails): string {
  return believed ? `${posting}, believed without proof` : posting;
}

function factsOf(shown: ShownMember): (readonly [label: string, value: string | boolean])[] {
  const { email, name, role, mode, state, joinedAt, ownCopy, consents, ailing } = shown;
  return [
    ['email', email],
    ['name', name],
    ['role', role],
    ['mode', mode],
    ['state', state],
    ['joined', joinedAt],
    ['own_copy', ownCopy],
    ['posting', describePosting(shown)],
    ...(ailing ? [['bounces', `${ailing.state}, ${ailing.points} points: ${ailing.said}`] as const] : []),
    ...consents.map(
      ({ how, wording, ip, at }) => ['consent', [at, how, wording, ip].filter(Boolean).join(', ')] as const,
    ),
  ];
}
