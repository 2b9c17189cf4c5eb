import { describe, expect, test } from 'vitest';
import { listSettings, presets, type SettingKey } from '../../src/domain/list-settings.ts';
import {
  formatSetting,
  parseSetting,
  readSettings,
  settingKeys,
  settingsFor,
} from '../../src/domain/setting-value.ts';

describe('a setting is read from', () => {
  const cases: readonly [name: string, key: SettingKey, text: string, value: string | number | boolean][] = [
    ['one of its words', 'join', 'approve', 'approve'],
    ['its word in any case', 'join', ' Open ', 'open'],
    ['true', 'moderated', 'true', true],
    ['yes', 'moderated', 'yes', true],
    ['off', 'moderated', 'off', false],
    ['a number', 'max_recipients', '20', 20],
    ['the smallest number', 'max_recipients', '0', 0],
    ['the largest number', 'max_recipients', '10000', 10_000],
    ['a size', 'max_size', '5 MiB', 5 * 1024 * 1024],
    ['the smallest size', 'max_size', '1 KiB', 1024],
    ['a time', 'held_expires', '14d', 14 * 86_400_000],
    ['the shortest time', 'held_expires', '1h', 3_600_000],
    ['an empty text', 'subject_tag', '', ''],
    ['a line', 'subject_tag', '[Birds]', '[Birds]'],
    ['the longest line', 'subject_tag', 'x'.repeat(60), 'x'.repeat(60)],
    ['several lines, with one kind of line end', 'footer', 'a\r\nb\rc', 'a\nb\nc'],
    ['a word of reply_to', 'reply_to', 'LIST', 'list'],
    ['an address of reply_to', 'reply_to', 'Office@Example.ORG', 'office@example.org'],
  ];
  test.each(cases)('%s', (_, key, text, value) => {
    expect(parseSetting(key, text)).toEqual({ kind: 'value', value });
  });
});

describe('what is allowed is told when somebody writes', () => {
  const cases: readonly [name: string, key: SettingKey, text: string, allowed: RegExp][] = [
    ['another word', 'join', 'maybe', /^one of open, approve, closed$/],
    ['nothing', 'join', '', /^one of/],
    ['a word for a flag', 'moderated', 'perhaps', /^true or false$/],
    ['a name every object has', 'moderated', 'constructor', /^true or false$/],
    ['a negative number', 'max_recipients', '-1', /^a number from 0 to 10000$/],
    ['a number one too large', 'max_recipients', '10001', /^a number from 0 to 10000$/],
    ['a fraction', 'max_recipients', '1.5', /^a number/],
    ['a size one byte too small', 'max_size', '1023', /from 1 KiB to 1 GiB/],
    ['no size', 'max_size', 'big', /such as/],
    ['a time without a unit', 'held_expires', '14', /such as/],
    ['a time too short', 'held_expires', '59m', /from 1h to 365d/],
    ['a line one character too long', 'subject_tag', 'x'.repeat(61), /at most 60 characters/],
    ['a second header in a line', 'subject_tag', 'x\r\nBcc: all@example.org', /one line/],
    ['a null character', 'footer', 'a\0b', /a text/],
    ['no address for reply_to', 'reply_to', 'nobody', /author, list, both, keep, or an address/],
  ];
  test.each(cases)('%s', (_, key, text, allowed) => {
    expect(parseSetting(key, text)).toEqual({ kind: 'wrong', allowed: expect.stringMatching(allowed) });
  });
});

test('each preset gives the values that were published for it', () => {
  expect(settingsFor('discussion')).toMatchObject({
    join: 'open',
    post: 'members',
    nonmember: 'hold',
    hold_first_posts: 1,
    listed: false,
    archive: 'members',
    roster: 'owners',
    footer: '',
    spoof_protection: 'standard',
    personalize: 'auto',
    max_size: 5 * 1024 * 1024,
    max_recipients: 20,
    held_expires: 14 * 86_400_000,
  });
  for (const preset of ['announcement', 'newsletter'] as const) {
    expect(settingsFor(preset)).toMatchObject({
      join: 'open',
      post: 'owners',
      nonmember: 'reject',
      hold_first_posts: 0,
      roster: 'owners',
      footer: 'standard',
      spoof_protection: 'strict',
      personalize: 'always',
    });
  }
  expect(settingsFor('private')).toMatchObject({
    join: 'approve',
    post: 'members',
    nonmember: 'reject',
    hold_first_posts: 0,
    roster: 'members',
    footer: '',
    spoof_protection: 'standard',
    personalize: 'auto',
  });
});

test('every value of every preset is a value that could have been typed', () => {
  for (const preset of presets) {
    const settings = settingsFor(preset);
    for (const key of settingKeys) {
      expect(parseSetting(key, formatSetting(key, settings[key])), key).toEqual({
        kind: 'value',
        value: settings[key],
      });
    }
  }
});

test('nothing is public until an owner says so', () => {
  for (const preset of presets) {
    expect(settingsFor(preset)).toMatchObject({ listed: false });
    expect(settingsFor(preset).archive).not.toBe('public');
  }
});

describe('stored settings', () => {
  test('come back as they were', () => {
    const stored = { ...settingsFor('private'), reply_to: 'office@example.org', footer: 'one\ntwo' };
    expect(readSettings(JSON.stringify(stored))).toEqual(stored);
  });
  test('have the default of a key that was added later', () => {
    expect(readSettings('{"join":"closed"}')).toEqual({ ...settingsFor('discussion'), join: 'closed' });
  });
  test('have the default where a value is not understood any more', () => {
    expect(readSettings('{"join":"by-lot","max_size":"huge","moderated":1}')).toEqual(
      settingsFor('discussion'),
    );
  });
  test('lose keys that no longer exist', () => {
    expect(readSettings('{"gravity":true}')).toEqual(settingsFor('discussion'));
  });
});

test('every setting says what it is for', () => {
  for (const key of settingKeys) expect(listSettings[key].summary, key).toMatch(/^[A-Z].*\.$/);
});
