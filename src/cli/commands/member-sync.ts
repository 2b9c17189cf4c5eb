import { Command } from 'commander';
import { Refusal } from '../../domain/refusal.ts';
import { importMembers } from '../../operations/members/import-members.ts';
import { planSync, type SyncPlan } from '../../operations/members/plan-sync.ts';
import { removeMembers } from '../../operations/members/remove-members.ts';
import { batches } from '../batches.ts';
import type { Desk, Frame } from '../frame.ts';
import { refuseLeftOut } from '../refuse-rest.ts';
import { headOfLeftOut, readFile } from './member-import.ts';

interface SyncOptions {
  readonly consent?: string;
  readonly map?: string;
  readonly yes?: boolean;
}

export function syncCommand(frame: Frame): Command {
  return new Command('sync')
    .description(
      'Make the members of a list those of a file. Without --yes it only says whom it would add and remove.',
    )
    .argument('<list>', 'its address or local part')
    .argument('<file>', 'as for import; - for standard input')
    .option('--consent <text>', 'where and when those who are added agreed')
    .option('--map <columns>', 'as for import')
    .option('--yes', 'do it')
    .action(async (list: string, source: string, options: SyncOptions) => {
      const file = await readFile(frame, source, options.map);
      const [bad] = file.invalid;
      // A row that cannot be read could be somebody who would be removed for it.
      if (bad) throw new Refusal('invalid', `Line ${bad.line}: ${bad.why}. Nothing was changed.`);
      const plan = await frame.operate(async (desk) => {
        const made = await desk.perform(planSync, { list, members: file.members });
        if (options.yes) {
          const added = new Set<string>(made.add);
          const members = file.members.filter(({ email }) => added.has(email));
          await carryOut(frame, desk, { list, members, remove: made.remove, consent: options.consent });
        }
        return made;
      });
      report(frame, plan, options.yes === true);
      refuseLeftOut(
        plan.own.map((email) => `${email} is an address of this list server`),
        headOfLeftOut(plan.own.length, options.yes === true),
      );
    });
}

interface Changes {
  readonly list: string;
  readonly members: readonly unknown[];
  readonly remove: readonly string[];
  readonly consent: string | undefined;
}

async function carryOut(
  frame: Frame,
  desk: Desk,
  { list, members, remove, consent }: Changes,
): Promise<void> {
  const progress = frame.progress('Members', members.length + remove.length);
  for (const some of batches(members, 500)) {
    await desk.perform(importMembers, {
      list,
      members: some,
      consent: consent ?? 'in the operator’s file of members',
    });
    progress.advance(some.length);
  }
  for (const emails of batches(remove, 500)) {
    await desk.perform(removeMembers, { list, emails });
    progress.advance(emails.length);
  }
  progress.stop();
}

function report({ output }: Frame, plan: SyncPlan, done: boolean): void {
  const { add, remove, kept, suppressed, own } = plan;
  output.facts(
    [
      ...add.map((email) => [done ? 'added' : 'add', email] as const),
      ...remove.map((email) => [done ? 'removed' : 'remove', email] as const),
      ...kept.map((email) => ['kept', `${email} is an owner or a moderator`] as const),
      ...suppressed.map(({ email, reason }) => ['suppressed', `${email} (${reason})`] as const),
      ...own.map((email) => ['ours', `${email} is an address of this list server`] as const),
    ],
    { done, add, remove, kept, suppressed, own },
  );
  if (!done) output.note('Nothing was changed: add --yes to do it.');
}
