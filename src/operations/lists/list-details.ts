import { type List, listAddress } from '../../domain/list.ts';
import type { SettingKey } from '../../domain/list-settings.ts';
import { formatSetting, settingKeys } from '../../domain/setting-value.ts';
import { listOfficers } from '../../store/memberships.ts';
import { countMembers } from '../../store/roster.ts';
import type { Context } from '../operation.ts';

/** A list as doors show it; the keys are promised to scripts. */
export interface ListDetails {
  readonly address: string;
  readonly title: string;
  readonly purpose: string;
  readonly closed: boolean;
  /** Flags and numbers as such; sizes, times and words as `list set` reads them. */
  readonly settings: Readonly<Record<SettingKey, string | number | boolean>>;
  readonly members: number;
  readonly owners: readonly string[];
}

export async function describeList({ tx }: Pick<Context, 'tx'>, list: List): Promise<ListDetails> {
  const officers = await listOfficers(tx, list.id);
  return {
    address: listAddress(list),
    title: list.title,
    purpose: list.purpose,
    closed: list.closedAt !== null,
    settings: Object.fromEntries(
      settingKeys.map((key) => [key, shownSetting(list, key)]),
    ) as ListDetails['settings'],
    members: await countMembers(tx, list.id),
    owners: officers.filter(({ role }) => role === 'owner').map(({ email }) => email),
  };
}

function shownSetting({ settings }: List, key: SettingKey): string | number | boolean {
  const value = settings[key];
  const text = formatSetting(key, value);
  return typeof value === 'boolean' || text === String(value) ? value : text;
}
