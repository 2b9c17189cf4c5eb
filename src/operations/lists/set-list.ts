import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import type { ListSettings } from '../../domain/list-settings.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isSettingKey, parseSetting, settingKeys } from '../../domain/setting-value.ts';
import { formatSize } from '../../domain/units.ts';
import { updateList } from '../../store/lists.ts';
import { requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { purposeInput, titleInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({
  list: listInput,
  /** `title`, `purpose` and any setting, each as somebody types it: all of them are changed, or none. */
  changes: z.record(z.string(), z.string()).refine((changes) => Object.keys(changes).length > 0, {
    message: 'say what to change, as key=value',
  }),
});

export const setList: Operation<z.infer<typeof input>, ListDetails & { readonly listId: number }> = {
  name: 'set-list',
  kind: 'command',
  summary: 'Changes the title, the purpose or settings of a list.',
  input,
  // In a quarrel at night a moderator may hold every post; what the list is like is its owners’ to say.
  authorise: (context, { list, changes }) =>
    requireRoleOn(
      context,
      list,
      Object.keys(changes).every((key) => key === 'emergency') ? 'moderator' : 'owner',
    ),
  run: async (context, { list: named, changes }) => {
    const list = await findList(context, named);
    const changed = applyChanges(list, changes, context.site.maxMessageBytes);
    await updateList(context.tx, list.id, changed);
    return { listId: list.id, ...(await describeList(context, { ...list, ...changed })) };
  },
  audit: ({ changes }, { listId, address }) => ({ ...changes, listId, address }),
};

type Changed = Pick<List, 'title' | 'purpose' | 'settings'>;

/** Everything that is wrong is told at once. `most`: bytes of the largest mail that the site takes. */
function applyChanges(list: List, changes: Readonly<Record<string, string>>, most: number): Changed {
  const problems: string[] = [];
  const text = { title: list.title, purpose: list.purpose };
  const settings = new Map<string, string | number | boolean>(Object.entries(list.settings));
  for (const [key, value] of Object.entries(changes)) {
    if (key === 'title' || key === 'purpose') {
      const read = (key === 'title' ? titleInput : purposeInput).safeParse(value);
      if (read.success) text[key] = read.data;
      else problems.push(...read.error.issues.map(({ message }) => message));
    } else if (isSettingKey(key)) {
      const read = parseSetting(key, value);
      if (read.kind === 'wrong')
        problems.push(`${key} must be ${read.allowed}, not "${value.slice(0, 100)}"`);
      // The value of before may stay: the site's limit was larger then, perhaps.
      else if (key === 'max_size' && Number(read.value) > Math.max(most, list.settings.max_size))
        problems.push(tooLargeFor(most));
      else settings.set(key, read.value);
    } else {
      problems.push(`there is no setting "${key}"; there are title, purpose, ${settingKeys.join(', ')}`);
    }
  }
  if (problems.length > 0) throw new Refusal('invalid', `${problems.join('; ')}. Nothing was changed.`);
  return { ...text, settings: Object.fromEntries(settings) as unknown as ListSettings };
}

function tooLargeFor(most: number): string {
  return `max_size: no mail over ${formatSize(most)} is taken here at all (smtp.max_size)`;
}
