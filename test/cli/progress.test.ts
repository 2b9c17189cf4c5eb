import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startProgress } from '../../src/cli/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Moving the cursor and clearing lines are what cli-progress asks of a terminal. */
function screen(isTTY: boolean) {
  const through = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  });
  return { stream: through as never, text: () => String(through.read() ?? '') };
}

it('nothing is drawn when it is over within a second', () => {
  const { stream, text } = screen(true);
  const progress = startProgress(stream, 'Importing', 100);
  progress.advance(50);
  vi.advanceTimersByTime(999);
  progress.stop();
  vi.advanceTimersByTime(5000);
  expect(text()).toBe('');
});

it('a bar is drawn after a second, with what was done before it', () => {
  const { stream, text } = screen(true);
  const progress = startProgress(stream, 'Importing', 100);
  progress.advance(42);
  vi.advanceTimersByTime(1500);
  progress.stop();
  expect(text()).toMatch(/Importing .*42\/100/);
});

it('a count is drawn where nobody knows how many there are', () => {
  const { stream, text } = screen(true);
  const progress = startProgress(stream, 'Reading');
  vi.advanceTimersByTime(1001);
  progress.advance(7);
  vi.advanceTimersByTime(500);
  progress.stop();
  expect(text()).toContain('Reading 7');
});

it('nothing is drawn into a file', () => {
  const { stream, text } = screen(false);
  const progress = startProgress(stream, 'Importing', 100);
  vi.advanceTimersByTime(5000);
  progress.advance(1);
  progress.stop();
  expect(text()).toBe('');
});
