import { expect, onTestFinished, test, vi } from 'vitest';
import { createRetryLine } from '../../src/store/retry-line.ts';

const lost = new Error('lost');
const isLost = (error: unknown) => error === lost;

test('a lost race is run again, until it is won', async () => {
  let attempts = 0;
  const line = createRetryLine(isLost);
  const won = line.run(async () => {
    if (++attempts < 5) throw lost;
    return 'won';
  });
  expect(await won).toBe('won');
  expect(attempts).toBe(5);
});

test('a race that is lost for ever ends', async () => {
  let attempts = 0;
  const always = createRetryLine(isLost).run(async () => {
    attempts++;
    throw lost;
  });
  await expect(always).rejects.toBe(lost);
  expect(attempts).toBe(40);
});

test('the second attempt is made at once, each further one a millisecond later than the one before: another node’s burst is over some time', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let attempts = 0;
  const run = createRetryLine(isLost).run(async () => {
    if (++attempts < 4) throw lost;
  });
  const seen: number[] = [];
  for (let ms = 0; ms < 6; ms++) {
    await vi.advanceTimersByTimeAsync(1);
    seen.push(attempts);
  }
  await run;
  expect(seen).toEqual([3, 3, 4, 4, 4, 4]);
});

test('another error is thrown at once, at the first attempt and at a later one', async () => {
  const line = createRetryLine(isLost);
  let attempts = 0;
  const failing = () =>
    line.run(async () => {
      throw ++attempts === 2 ? lost : new Error(`no ${attempts}`);
    });
  await expect(failing()).rejects.toThrow('no 1');
  await expect(failing()).rejects.toThrow('no 3');
});

test('losers run again one at a time, and newcomers wait for them', async () => {
  const line = createRetryLine(isLost);
  let running = 0;
  const sideBySide: number[] = [];
  const racer = (loses: boolean) => {
    let attempt = 0;
    return line.run(async () => {
      sideBySide.push(++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (loses && ++attempt === 1) throw lost;
    });
  };
  const first = [racer(true), racer(true), racer(true)];
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([...first, racer(false)]);
  // Three side by side; the first loser runs again beside the two that are still running, everybody else alone.
  expect(sideBySide).toEqual([1, 2, 3, 3, 1, 1, 1]);
});
