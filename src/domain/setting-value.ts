import { parseAddress } from './address.ts';
import {
  type ListSettings,
  listSettings,
  type Preset,
  type Setting,
  type SettingKey,
} from './list-settings.ts';
import { findTimeZone } from './list-time.ts';
import { allowedWords, readWords } from './setting-words.ts';
import {
  allowedDuration,
  allowedSize,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
} from './units.ts';

type Value = string | number | boolean;

export type ParsedSetting =
  | { readonly kind: 'value'; readonly value: Value }
  /** `allowed` completes "… must be": what would have been taken. */
  | { readonly kind: 'wrong'; readonly allowed: string };

export const settingKeys = Object.keys(listSettings) as readonly SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(listSettings, key);
}

/** A setting as somebody typed it: `max_size=5 MiB`, `held_expires=14d`, `moderated=true`. */
export function parseSetting(key: SettingKey, text: string): ParsedSetting {
  const setting: Setting = listSettings[key];
  const value = read(setting, text.trim());
  return value !== undefined && isValid(setting, value)
    ? { kind: 'value', value }
    : { kind: 'wrong', allowed: describeAllowed(setting) };
}

/** The text that parseSetting reads back as the same value. */
export function formatSetting(key: SettingKey, value: Value): string {
  const { kind } = listSettings[key];
  if (typeof value !== 'number') return String(value);
  if (kind === 'size') return formatSize(value);
  return kind === 'duration' ? formatDuration(value) : String(value);
}

/** What may stand there, for errors and the reference: `true or false`, `a number from 0 to 1000`. */
export function describeAllowed(setting: Setting): string {
  switch (setting.kind) {
    case 'choice':
      return `one of ${setting.values.join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'count':
      return `a number from ${setting.min} to ${setting.max}`;
    case 'size':
      return `${allowedSize}, from ${formatSize(setting.min)} to ${formatSize(setting.max)}`;
    case 'duration':
      return `${allowedDuration}, from ${formatDuration(setting.min)} to ${formatDuration(setting.max)}`;
    case 'line':
      return `a text of one line and at most ${setting.max} characters`;
    case 'paragraph':
      return `a text of at most ${setting.max} characters`;
    case 'reply-to':
      return `one of ${replyTo.join(', ')}, or an address`;
    case 'words':
      return allowedWords[setting.each];
    case 'timezone':
      return 'a time zone such as Europe/Berlin or UTC';
  }
}

/** The settings a new list starts with. */
export function settingsFor(preset: Preset): ListSettings {
  return collect((setting) => (preset === 'discussion' ? undefined : setting.presets[preset]));
}

/** The settings of a stored list: a key that was added since, or has a value we no longer understand, has its default. */
export function readSettings(json: string): ListSettings {
  const stored: unknown = JSON.parse(json);
  const values = new Map<string, unknown>(
    typeof stored === 'object' && stored !== null ? Object.entries(stored) : [],
  );
  return collect((setting, key) => {
    const value = values.get(key);
    return isValid(setting, value) ? value : undefined;
  });
}

const replyTo = ['author', 'list', 'both', 'keep'];

function collect(find: (setting: Setting, key: SettingKey) => Value | undefined): ListSettings {
  const entries = settingKeys.map((key) => [key, find(listSettings[key], key) ?? listSettings[key].default]);
  return Object.fromEntries(entries) as ListSettings;
}

function read(setting: Setting, text: string): Value | undefined {
  switch (setting.kind) {
    case 'flag':
      return /^(true|yes|on)$/i.test(text) || (/^(false|no|off)$/i.test(text) ? false : undefined);
    case 'count':
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    case 'size':
      return parseSize(text);
    case 'duration':
      return parseDuration(text);
    case 'choice':
      return text.toLowerCase();
    case 'reply-to':
      return replyTo.includes(text.toLowerCase()) ? text.toLowerCase() : parseAddress(text);
    case 'timezone':
      return findTimeZone(text);
    case 'words':
      return readWords(text, setting.each);
    case 'line':
    case 'paragraph':
      return text.replace(/\r\n?/g, '\n');
  }
}

function isValid(setting: Setting, value: unknown): value is Value {
  switch (setting.kind) {
    case 'choice':
      return typeof value === 'string' && setting.values.includes(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'count':
    case 'size':
    case 'duration':
      return typeof value === 'number' && value >= setting.min && value <= setting.max;
    case 'line':
      return isText(value, setting.max) && !value.includes('\n');
    case 'paragraph':
      return isText(value, setting.max);
    case 'reply-to':
      return typeof value === 'string' && (replyTo.includes(value) || parseAddress(value) !== undefined);
    case 'words':
      return typeof value === 'string' && value.length <= 2000 && readWords(value, setting.each) === value;
    case 'timezone':
      return typeof value === 'string' && findTimeZone(value) !== undefined;
  }
}

/** No control characters but line feeds: this text ends up in mails, and a line of it in their headers. */
function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max && !/(?!\n)\p{Cc}/u.test(value);
}
