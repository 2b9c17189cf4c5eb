import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGate } from '../../src/deliver/gate.ts';
import { smarthostPause } from '../../src/domain/back-off.ts';
import { silentLog } from '../../src/domain/log.ts';
import type { Answer } from '../../src/domain/outcome.ts';

const lost = { kind: 'lost', why: 'ECONNREFUSED' } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const events: string[] = [];
  const gate = createGate({
    destination: 'mail.example.org:25',
    log: silentLog,
    pause: (failures: number, answer: Answer) => smarthostPause(failures, answer, 0.5),
    now: Date.now,
    tryAgain: () => events.push('try again'),
    opened: () => events.push('opened'),
  });
  return { gate, events };
}

test('a gate that was shut is tried after five seconds, and open once somebody passed', () => {
  const { gate, events } = open();
  gate.shut(lost);
  expect(gate.state).toBe('shut');
  vi.advanceTimersByTime(4_999);
  expect(events).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([gate.state, events]).toEqual(['trying', ['try again']]);
  gate.passed();
  expect([gate.state, events]).toEqual(['open', ['try again', 'opened']]);
});

test('each failed try doubles the pause, and a success forgets them all', () => {
  const { gate, events } = open();
  gate.shut(lost);
  vi.advanceTimersByTime(5_000);
  gate.shut(lost);
  vi.advanceTimersByTime(9_999);
  expect(events).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(events).toHaveLength(2);
  gate.passed();
  gate.shut(lost);
  vi.advanceTimersByTime(5_000);
  expect(gate.state).toBe('trying');
});

test('ten connections that fail together count as one failure', () => {
  const { gate, events } = open();
  for (let i = 0; i < 10; i++) gate.shut(lost);
  vi.advanceTimersByTime(5_000);
  expect(events).toEqual(['try again']);
});

test('a server that wants no mail from us at all is left alone for half an hour', () => {
  const { gate } = open();
  gate.shut({ kind: 'reply', reply: { code: 554, text: 'go away' } });
  vi.advanceTimersByTime(30 * 60_000 - 1);
  expect(gate.state).toBe('shut');
  vi.advanceTimersByTime(1);
  expect(gate.state).toBe('trying');
});

test('a gate that is closed for good is tried no more', () => {
  const { gate, events } = open();
  gate.shut(lost);
  gate.close();
  vi.advanceTimersByTime(3_600_000);
  expect([gate.state, events]).toEqual(['shut', []]);
});

test('whoever repaired something need not wait', () => {
  const { gate, events } = open();
  gate.shut(lost);
  gate.tryNow();
  expect([gate.state, events]).toEqual(['trying', ['try again']]);
  vi.advanceTimersByTime(5_000);
  expect(events).toEqual(['try again']);
});

test('an open gate and a closed one have nothing to try', () => {
  const { gate, events } = open();
  gate.tryNow();
  expect([gate.state, events]).toEqual(['open', []]);
  gate.close();
  gate.tryNow();
  expect([gate.state, events]).toEqual(['shut', []]);
});
