import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyAlgorithms } from '../../src/domain/dkim-key.ts';
import { headerActions } from '../../src/domain/header-rule.ts';
import { deliveryModes, postings, roles } from '../../src/domain/membership.ts';
import { senderActions } from '../../src/domain/sender-rule.ts';
import { runCommandLine } from '../support/command-line.ts';
import { runEveryCommand } from '../support/every-command.ts';
import { compareDocument, nameOfCommand, type Printed, unshownOf } from '../support/json-documents.ts';
import { describeType, readJsonPage } from '../support/json-page.ts';

/** docs/json.md is what scripts are written against: each command is run, and what it prints compared with what the page says. */

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = readJsonPage(read('docs/json.md'));
const undo: (() => Promise<void> | void)[] = [];
let all: readonly Printed[];

beforeAll(async () => {
  const lines = await runEveryCommand((how) => void undo.push(how));
  all = lines.map(({ args, document }) => ({ name: nameOfCommand(page, args), document }));
}, 180_000);
afterAll(async () => {
  for (const how of undo.reverse()) await how();
});

describe('docs/json.md', () => {
  test.each([...page.commands.keys()])('%s prints what the page says', (name) => {
    const documents = all.filter((printed) => printed.name === name);
    expect([...new Set(documents.flatMap((printed) => compareDocument(page, printed)))]).toEqual([]);
  });

  test('says nothing that no command shows', () => {
    expect(unshownOf(page, all)).toEqual([]);
  });

  test('is about all commands, as docs/cli.md names them', () => {
    const commands = [...read('docs/cli.md').matchAll(/^##+ `listwright ([a-z ]*[a-z])/gm)].map(
      ([, words = '']) => words,
    );
    const named = [...page.commands.keys(), ...page.silent].map((name) => name.replace(/ --.*/, ''));
    expect(new Set(named)).toEqual(new Set(commands));
  });

  test.each(page.silent.filter((name) => /^(completion|config reference)$/.test(name)))(
    '%s prints no document, as it says',
    async (name) => {
      const line = [...name.split(' '), ...(name === 'completion' ? ['bash'] : [])];
      const plain = await runCommandLine(line);
      expect(plain.stdout.length).toBeGreaterThan(1000);
      expect(await runCommandLine([...line, '--json'])).toEqual(plain);
    },
  );

  test.each([
    ['Role', roles],
    ['Mode', deliveryModes],
    ['Posting', postings],
    ['SenderAction', senderActions],
    ['HeaderAction', headerActions],
    ['Algorithm', keyAlgorithms],
  ])('names each %s that there is', (name, words) => {
    const type = page.named.get(name);
    expect(type && describeType(type).split(' | ').sort()).toEqual(words.map((word) => `"${word}"`).sort());
  });

  test('calls times as it says that it does, and nothing else', () => {
    const called = page.fields.map(({ key, type, place }) => ({
      place,
      time: describeType(type).startsWith('time'),
      named: /^at$|At$|Until$/.test(key),
    }));
    expect(called.filter(({ time, named }) => time !== named)).toEqual([]);
  });
});

describe('a document that differs from the page is told of', () => {
  const small = readJsonPage(
    [
      '`Bird`:\n\n```\nname    text            called\nseenAt  time | null     when\neggs    object[]        in its nest\n  colour  "white" | "blue"    of it\n```\n',
      '### `bird ls`\n\nPrints `Bird[]`.\n',
      '### `bird show`\n\nPrints `object`:\n\n```\n...Bird\nnumber  integer         of birds\n```\n',
    ].join('\n'),
  );
  const egg = { colour: 'blue' };
  const wren = { name: 'Wren', seenAt: '2026-11-21T12:00:00.000Z', eggs: [egg] };

  test.each<[what: string, name: string, document: unknown, said: readonly string[]]>([
    ['nothing, where it is the same', 'bird ls', [wren, { ...wren, seenAt: null, eggs: [] }], []],
    [
      'a key that is not named',
      'bird ls',
      [{ ...wren, eggs: [{ ...egg, weight: 1 }] }],
      ['“bird ls” prints “[].eggs[].weight”, which docs/json.md does not name'],
    ],
    [
      'a key that is not printed',
      'bird show',
      wren,
      ['docs/json.md names “number” of “bird show”, which it did not print'],
    ],
    [
      'a time in milliseconds',
      'bird ls',
      [{ ...wren, seenAt: 1764072000000 }],
      ['“bird ls” prints 1764072000000 as “[].seenAt”, of which docs/json.md says time | null'],
    ],
    [
      'a number as a string',
      'bird show',
      { ...wren, number: '3' },
      ['“bird show” prints "3" as “number”, of which docs/json.md says integer'],
    ],
    [
      'a word that is not named',
      'bird ls',
      [{ ...wren, eggs: [{ colour: 'red' }] }],
      ['“bird ls” prints "red" as “[].eggs[].colour”, of which docs/json.md says "white" | "blue"'],
    ],
    [
      'an object for an array',
      'bird ls',
      wren,
      [
        `“bird ls” prints ${JSON.stringify(wren).slice(0, 100)} as its document, of which docs/json.md says Bird[]`,
      ],
    ],
    ['a command that is not named', 'bird rm', {}, ['docs/json.md does not say what “bird rm” prints']],
  ])('%s', (_, name, document, said) => {
    expect(compareDocument(small, { name, document })).toEqual(said);
  });

  test.each<[what: string, documents: readonly Printed[], said: readonly string[]]>([
    [
      'a command that nobody ran',
      [{ name: 'bird ls', document: [wren, { ...wren, seenAt: null }] }],
      [
        'docs/json.md says what “bird show” prints, and nobody ran it',
        'docs/json.md names “bird show: number”, which no command printed',
      ],
    ],
    [
      'what was never printed, always null or never null',
      [
        { name: 'bird ls', document: [] },
        { name: 'bird show', document: { ...wren, eggs: [], number: 3 } },
      ],
      [
        'docs/json.md names “Bird: eggs.colour”, which no command printed',
        'docs/json.md says that “Bird: seenAt” may be null, and it never was',
        'docs/json.md says that “Bird: eggs” is object[], and it was null or empty each time',
      ],
    ],
  ])('%s', (_, documents, said) => {
    expect(unshownOf(small, documents)).toEqual(said);
  });
});
