import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askFirst } from '../../src/cli/ask-first.ts';
import { createFrame } from '../../src/cli/frame.ts';

const question = 'Delete birds@lists.example.org with its 1,234 posts?';

function terminal(answer: string, isTTY = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(answer);
  return { stdin, stderr: new PassThrough() } as never;
}

describe('a deed that cannot be undone', () => {
  it.each(['yes\n', 'y\n', ' YES \n'])('is done after %j', async (answer) => {
    await expect(askFirst(terminal(answer), question)).resolves.toBeUndefined();
  });

  it.each(['no\n', '\n', 'yesterday\n'])('is not done after %j', async (answer) => {
    await expect(askFirst(terminal(answer), question)).rejects.toMatchObject({
      name: 'Refusal',
      message: 'Nothing was changed.',
    });
  });

  it('is not done where nobody can be asked, and the way to do it is told', async () => {
    await expect(askFirst(terminal('yes\n', false), question)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('add --yes'),
    });
  });

  it('is done without a question where it was confirmed beforehand', async () => {
    const frame = createFrame(terminal('', false), () => ({}));
    await expect(frame.askFirst(question, { yes: true })).resolves.toBeUndefined();
  });

  it('is not done when the terminal goes away instead of an answer', async () => {
    await expect(askFirst(terminal(''), question)).rejects.toMatchObject({ message: 'Nothing was changed.' });
  });
});
