import { describe, expect, it } from 'vitest';
import { createConnectionLimits } from '../../src/receive/connection-limits.ts';
import { createDiskSpace } from '../../src/receive/disk-space.ts';
import { createMemoryBudget } from '../../src/receive/memory-budget.ts';

describe('connections', () => {
  it('are admitted up to the limit of one client, and again after one has left', () => {
    const limits = createConnectionLimits(10, 2);
    expect([1, 2, 3].map(() => limits.admit('192.0.2.1'))).toEqual([
      'admitted',
      'admitted',
      'too-many-from-you',
    ]);
    expect(limits.admit('192.0.2.2')).toBe('admitted');
    limits.release('192.0.2.1');
    expect(limits.admit('192.0.2.1')).toBe('admitted');
  });

  it('are admitted up to the limit of all', () => {
    const limits = createConnectionLimits(2, 2);
    expect(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => limits.admit(ip))).toEqual([
      'admitted',
      'admitted',
      'too-many',
    ]);
  });

  it('of one IPv6 network are one client: it has 2^64 addresses', () => {
    const limits = createConnectionLimits(10, 1);
    expect(limits.admit('2001:db8::1')).toBe('admitted');
    expect(limits.admit('2001:db8::2')).toBe('too-many-from-you');
  });

  it('are not limited by 0', () => {
    const limits = createConnectionLimits(0, 0);
    for (let i = 0; i < 100; i++) expect(limits.admit('192.0.2.1')).toBe('admitted');
  });
});

describe('the memory budget', () => {
  it('gives exactly what there is', () => {
    const budget = createMemoryBudget(100);
    expect(budget.tryTake(60)).toBe(true);
    expect(budget.has(40)).toBe(true);
    expect(budget.tryTake(41)).toBe(false);
    expect(budget.tryTake(40)).toBe(true);
  });

  it('lets one wait until enough was given back', async () => {
    const budget = createMemoryBudget(100);
    budget.tryTake(100);
    const waiting = budget.take(50, 10_000);
    budget.give(30);
    budget.give(30);
    expect(await waiting).toBe(true);
    expect(budget.has(11)).toBe(false);
  });

  it('lets nobody wait for ever', async () => {
    const budget = createMemoryBudget(10);
    expect(await budget.take(11, 1)).toBe(false);
    expect(budget.tryTake(10)).toBe(true);
  });
});

describe('disk space', () => {
  it('is asked for once a second, and again when the clock was set back', async () => {
    let now = 5_000;
    const plenty = createDiskSpace('/', 1, () => now);
    expect(await plenty()).toBe(true);
    const first = plenty();
    expect(plenty()).toBe(first);
    now += 1_000;
    const second = plenty();
    expect(second).not.toBe(first);
    now -= 3_000;
    expect(plenty()).not.toBe(second);
  });

  it('is too little when more is demanded than there can be', async () => {
    expect(await createDiskSpace('/', 2 ** 60, () => 0)()).toBe(false);
  });
});
