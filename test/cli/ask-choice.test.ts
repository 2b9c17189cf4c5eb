import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askChoice } from '../../src/cli/ask-choice.ts';

const reply = {
  question: 'An answer goes to',
  choices: [
    { value: 'author', label: 'its author alone' },
    { value: 'list', label: 'everybody' },
  ],
} as const;

function terminal(typed: string, isTTY = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(typed);
  return { stdin, stderr: new PassThrough() } as never;
}

test.each([
  ['the number of it', '2\n', 'list'],
  ['the first number', ' 1 \n', 'author'],
  ['only Enter: the first', '\n', 'author'],
  ['nothing, the input ends: the first', '', 'author'],
  ['what is no number of them: asked again', 'everybody\n3\n2\n', 'list'],
])('a choice by %s', async (_, typed, value) => {
  expect(await askChoice(terminal(typed), reply)).toBe(value);
});

test('nobody is asked where there is no terminal', async () => {
  expect(await askChoice(terminal('2\n', false), reply)).toBeUndefined();
});
