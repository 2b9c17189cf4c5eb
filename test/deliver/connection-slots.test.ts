import { expect, test } from 'vitest';
import { createConnectionSlots, type SlotHolder } from '../../src/deliver/connection-slots.ts';

function holder(events: string[] = [], name = '', idle = false): SlotHolder {
  return {
    roomAgain: () => void events.push(`room for ${name}`),
    endIdle: () => {
      if (idle) events.push(`${name} ends one`);
      return idle;
    },
  };
}

test('the last fifth is for those who have no connection yet', () => {
  const slots = createConnectionSlots(10);
  const busy = holder();
  expect(Array.from({ length: 10 }, () => slots.take(busy, false)).filter(Boolean)).toHaveLength(8);
  expect([slots.take(holder(), true), slots.take(holder(), true), slots.take(holder(), true)]).toEqual([
    true,
    true,
    false,
  ]);
});

test('who waited is told when there is room, and idle connections of others are ended for it', () => {
  const events: string[] = [];
  const slots = createConnectionSlots(1);
  const resting = holder(events, 'a', true);
  slots.take(resting, true);
  expect(slots.take(holder(events, 'b'), true)).toBe(false);
  expect(events).toEqual(['a ends one']);
  slots.giveBack();
  expect(events).toEqual(['a ends one', 'room for b']);
});

test('who is gone is told nothing', () => {
  const events: string[] = [];
  const slots = createConnectionSlots(1);
  slots.take(holder(), true);
  const waiting = holder(events, 'b');
  slots.take(waiting, true);
  slots.forget(waiting);
  slots.giveBack();
  expect(events).toEqual([]);
});
