import { listSettings, type Preset, presets, type SettingKey } from '../src/domain/list-settings.ts';
import { describeAllowed, formatSetting, settingKeys, settingsFor } from '../src/domain/setting-value.ts';

/** docs/settings.md: every setting of a list, what it may be, and what the presets make it. */
export function settingsMarkdown(): string {
  const intro = [
    '# Settings of a list',
    '',
    '`listwright list set LIST key=value…` changes them, `list show LIST` shows them. A new list begins with a preset: `--preset`, else discussion.',
    '',
  ];
  return `${[...intro, ...settingKeys.flatMap(describe)].join('\n')}\n`;
}

function describe(key: SettingKey): string[] {
  return [
    `## ${key}`,
    '',
    listSettings[key].summary,
    '',
    `Allowed: ${describeAllowed(listSettings[key])}.`,
    '',
    `| ${presets.join(' | ')} |`,
    `|${presets.map(() => '---').join('|')}|`,
    `| ${presets.map((preset) => valueIn(preset, key)).join(' | ')} |`,
    '',
  ];
}

function valueIn(preset: Preset, key: SettingKey): string {
  const text = formatSetting(key, settingsFor(preset)[key]);
  return text === '' ? '(empty)' : `\`${text}\``;
}
