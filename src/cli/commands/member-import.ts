import { Command, Option } from 'commander';
import { parseColumnMap } from '../../domain/member-columns.ts';
import type { FileMember, MemberFile } from '../../domain/member-file.ts';
import { importMembers } from '../../operations/members/import-members.ts';
import { inviteMembers } from '../../operations/members/invite-members.ts';
import { previewImport } from '../../operations/members/preview-import.ts';
import { readMemberFile } from '../../operations/members/read-member-file.ts';
import { batches } from '../batches.ts';
import { UsageError } from '../exit.ts';
import type { Desk, Frame } from '../frame.ts';
import { refuseLeftOut } from '../refuse-rest.ts';

const modes = ['invite', 'confirm', 'direct'] as const;

interface ImportOptions {
  readonly mode?: (typeof modes)[number];
  readonly consent?: string;
  readonly map?: string;
  readonly dryRun?: boolean;
}

export function importCommand(frame: Frame): Command {
  return new Command('import')
    .description(
      'Add or ask everybody in a file: email[,name][,mode][,role][,joined] – with a header also posting –, or an address a line. Exit status 1 where a line could not be taken; the others are.',
    )
    .argument('<list>', 'its address or local part')
    .argument('<file>', 'CSV with commas, semicolons or tabs; - for standard input')
    .addOption(
      new Option(
        '--mode <mode>',
        'invite: ask them, as the owners; confirm: ask them to confirm; direct: add them; without it, a dry run',
      ).choices(modes),
    )
    .option('--consent <text>', 'where and when they agreed; needed for direct, kept with each membership')
    .option(
      '--map <columns>',
      'what foreign columns and words mean, such as "E-Mail=email,Status=mode:D>digest"',
    )
    .option('--dry-run', 'say what would happen, and change nothing')
    .action(async (list: string, source: string, options: ImportOptions) => {
      if (options.mode === 'direct' && !options.consent?.trim()) {
        throw new UsageError(
          '--mode direct needs --consent: where and when these people agreed to get this mail.',
        );
      }
      const file = await readFile(frame, source, options.map);
      const mode = options.dryRun ? undefined : options.mode;
      const tally = await frame.operate((desk) =>
        mode === undefined
          ? preview(frame, desk, { list, file })
          : carryOut(frame, desk, { list, file, mode, consent: options.consent }),
      );
      const done = { file, tally, done: mode !== undefined };
      report(frame, done);
      refuseLeftOut(describeLeftOut(file, tally), countLeftOut(done));
    });
}

/** Reads a file of members as `import` and `sync` take it. */
export async function readFile(frame: Frame, source: string, map?: string): Promise<MemberFile> {
  const columns = map === undefined ? undefined : parseColumnMap(map);
  if (typeof columns === 'string') throw new UsageError(`--map: ${columns}`);
  const file = readMemberFile(await frame.read(source), columns);
  if (file.ignored.length > 0) frame.output.note(`Columns without a use here: ${file.ignored.join(', ')}.`);
  return file;
}

/** Everybody, by what was done with them, and those with whom nothing was. */
interface Tally {
  readonly found: Partial<Record<Outcome, string[]>>;
  readonly suppressed: { readonly email: string; readonly reason: string }[];
  readonly own: string[];
}

type Outcome = 'new' | 'added' | 'asked' | 'askedBefore' | 'already';

interface Job {
  readonly list: string;
  readonly file: MemberFile;
}

async function preview(frame: Frame, desk: Desk, { list, file }: Job): Promise<Tally> {
  const tally: Tally = { found: { new: [], already: [] }, suppressed: [], own: [] };
  await inBatches(frame, file.members, 500, async (members) => {
    const found = await desk.perform(previewImport, { list, members });
    note(tally, { new: found.fresh, already: found.already });
    tally.suppressed.push(...found.suppressed);
    tally.own.push(...found.own);
  });
  frame.output.note('This was a dry run: nothing was changed.');
  return tally;
}

async function carryOut(
  frame: Frame,
  desk: Desk,
  {
    list,
    file,
    mode,
    consent,
  }: Job & { readonly mode: (typeof modes)[number]; readonly consent?: string | undefined },
): Promise<Tally> {
  const tally: Tally = { found: {}, suppressed: [], own: [] };
  // A request is a mail to compose: fewer fit the moment that a server beside it can wait.
  await inBatches(frame, file.members, mode === 'direct' ? 500 : 50, async (members) => {
    if (mode === 'direct') {
      const found = await desk.perform(importMembers, { list, members, consent });
      note(tally, { added: found.added, already: found.already });
      tally.suppressed.push(...found.suppressed);
      tally.own.push(...found.own);
    } else {
      const found = await desk.perform(inviteMembers, { list, members, how: mode });
      note(tally, { asked: found.asked, askedBefore: found.askedBefore, already: found.already });
      tally.suppressed.push(...found.suppressed);
      tally.own.push(...found.own);
    }
  });
  return tally;
}

async function inBatches(
  frame: Frame,
  members: readonly FileMember[],
  size: number,
  work: (batch: readonly FileMember[]) => Promise<void>,
): Promise<void> {
  const progress = frame.progress('Members', members.length);
  try {
    for (const batch of batches(members, size)) {
      await work(batch);
      progress.advance(batch.length);
    }
  } finally {
    progress.stop();
  }
}

function note({ found }: Tally, batch: Partial<Record<Outcome, readonly string[]>>): void {
  for (const [what, emails] of Object.entries(batch)) {
    const before = found[what as Outcome] ?? [];
    before.push(...emails);
    found[what as Outcome] = before;
  }
}

interface Report {
  readonly file: MemberFile;
  readonly tally: Tally;
  /** False: it was a dry run. */
  readonly done: boolean;
}

function report({ output }: Frame, { file: { invalid }, tally, done }: Report): void {
  const { found, suppressed, own } = tally;
  const { new: fresh = [], added = [], asked = [], askedBefore = [], already = [] } = found;
  output.facts(
    [
      ...counts(tally),
      ...suppressed.map(({ email, reason }) => ['suppressed', `${email} (${reason})`] as const),
      ...own.map((email) => ['ours', `${email} is an address of this list server`] as const),
      ...invalid.map(({ line, why }) => ['invalid', `line ${line}: ${why}`] as const),
    ],
    { done, new: fresh, added, asked, askedBefore, already, suppressed, own, invalid },
  );
}

function counts({ found }: Tally): (readonly [string, number])[] {
  return Object.entries(found).map(([what, emails]) => [labels[what] ?? what, emails.length]);
}

const labels: Readonly<Record<string, string>> = { askedBefore: 'asked before' };

/** In the order of the file. Whoever wants no mail from the list is not among them: their no stands, and nothing has to be mended. */
function describeLeftOut({ members, invalid }: MemberFile, { own }: Tally): string[] {
  const ours = new Set(own);
  const ownLines = members
    .filter(({ email }) => ours.has(email))
    .map(({ line, email }) => ({ line, why: `${email} is an address of this list server` }));
  return [...invalid, ...ownLines]
    .sort((a, b) => a.line - b.line)
    .map(({ line, why }) => `line ${line}: ${why}`);
}

/** `2 lines were left out (added 10, already 1)`. */
function countLeftOut({ file: { invalid }, tally, done }: Report): string {
  const taken = counts(tally).map(([what, number]) => `${what} ${number}`);
  return `${headOfLeftOut(invalid.length + tally.own.length, done)} (${taken.join(', ')})`;
}

export function headOfLeftOut(lines: number, done: boolean): string {
  const were = done ? (lines === 1 ? 'was' : 'were') : 'would be';
  return `${lines} ${lines === 1 ? 'line' : 'lines'} ${were} left out`;
}
