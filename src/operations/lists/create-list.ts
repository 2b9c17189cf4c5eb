import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import { type ListSettings, presets } from '../../domain/list-settings.ts';
import { Refusal } from '../../domain/refusal.ts';
import { parseSetting, settingsFor } from '../../domain/setting-value.ts';
import { insertList } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { listInput, readListAddress } from '../find-list.ts';
import { addressInput, purposeInput, titleInput } from '../inputs.ts';
import { enrolMembers } from '../members/enrol-members.ts';
import type { Context, Operation } from '../operation.ts';
import { claimName } from './claim-name.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({
  address: listInput,
  /** They become its first members: an owner gets the posts like everybody. */
  owners: z.array(addressInput).min(1, 'a list needs at least one owner').max(20),
  title: titleInput.optional(),
  purpose: purposeInput.default(''),
  preset: z.enum(presets).default('discussion'),
  /** The setting reply_to, as somebody types it. */
  replyTo: z.string().optional(),
  /** For a list brought along from elsewhere whose name ends like one of our own addresses. */
  allowSuffixName: z.boolean().default(false),
});

export interface CreatedList extends ListDetails {
  readonly listId: number;
}

export const createList: Operation<z.infer<typeof input>, CreatedList> = {
  name: 'create-list',
  kind: 'command',
  summary: 'Makes a list with its first owners.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const address = readListAddress(context.site, request.address);
    await claimName(context, address, { allowSuffixName: request.allowSuffixName });
    const list = await insertList(context.tx, {
      ...address,
      title: request.title ?? titleFrom(address.name),
      purpose: request.purpose,
      settings: settingsOf(request),
      createdAt: context.now,
    });
    await enrolOwners(context, list, request.owners);
    return { listId: list.id, ...(await describeList(context, list)) };
  },
  audit: (request, { listId, address }) => ({
    listId,
    address,
    preset: request.preset,
    ...(request.replyTo !== undefined && { replyTo: request.replyTo }),
    owners: request.owners.join(' '),
  }),
};

function settingsOf({ preset, replyTo }: z.infer<typeof input>): ListSettings {
  const settings = settingsFor(preset);
  if (replyTo === undefined) return settings;
  const read = parseSetting('reply_to', replyTo);
  if (read.kind === 'wrong')
    throw new Refusal('invalid', `reply_to must be ${read.allowed}, not "${replyTo.slice(0, 100)}".`);
  return { ...settings, reply_to: String(read.value) };
}

async function enrolOwners(
  context: Context,
  list: List,
  owners: z.infer<typeof input>['owners'],
): Promise<void> {
  const entries = owners.map((email) => ({ email, name: '', role: 'owner' as const }));
  const { own, suppressed } = await enrolMembers(context, list, {
    entries,
    how: 'named as owner',
    wording: '',
  });
  if (own.length > 0) {
    throw new Refusal(
      'invalid',
      `${own.join(', ')} is an address of this list server; an owner is a person.`,
    );
  }
  const [refusing] = suppressed;
  if (refusing) {
    throw new Refusal(
      'invalid',
      `${refusing.email} gets no mail from this site any more (${refusing.reason}).`,
    );
  }
}

/** `garden-birds` → `Garden birds`: better than nothing until somebody says more. */
function titleFrom(name: string): string {
  return (name.charAt(0).toUpperCase() + name.slice(1)).replace(/[-_]+/g, ' ');
}
