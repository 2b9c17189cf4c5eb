import { expect, onTestFinished, test, vi } from 'vitest';
import { createAlarm } from '../../src/deliver/alarm.ts';
import { silentLog } from '../../src/domain/log.ts';
import { start } from '../support/outbox.ts';
import { sqlite } from '../support/stores.ts';

test('rings every half minute, also while nobody finds the time to set it anew', async () => {
  const store = await sqlite.freshStore();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const ring = vi.fn();
  const alarm = createAlarm({ store, log: silentLog, now: () => start, ring });
  await alarm.set();
  vi.advanceTimersByTime(90_000);
  expect(ring).toHaveBeenCalledTimes(3);
  alarm.stop();
  vi.advanceTimersByTime(90_000);
  expect(ring).toHaveBeenCalledTimes(3);
});
