import { expect, test } from 'vitest';
import { bufferOf, discard, ownBytes } from '../../src/mail/thread-bytes.ts';

test('bytes that are discarded are gone at once, with their block; small ones stay', () => {
  const [large, small] = [Buffer.alloc(1 << 20, 'a'), Buffer.from('small')];
  const view = large.subarray(3);
  for (const bytes of [large, small]) discard(bytes);
  expect([large.length, view.length, small.toString()]).toEqual([0, 0, 'small']);
  discard(large);
});

test('bytes of a shared block are left alone', () => {
  const shared = Buffer.from(new SharedArrayBuffer(1 << 20));
  discard(shared);
  expect(shared.length).toBe(1 << 20);
});

test.each<[string, Buffer, boolean]>([
  ['all of their block', Buffer.alloc(100_000, 'a'), true],
  ['a good part of it', Buffer.alloc(100_000, 'a').subarray(50_000), true],
  ['a small part of it', Buffer.alloc(100_000, 'a').subarray(99_000), false],
  ['of Node’s pool', Buffer.from('a'.repeat(1000)), false],
])('bytes that are %s go over as they are: %s', (_, bytes, asTheyAre) => {
  const own = ownBytes(bytes);
  expect(own.buffer === bytes.buffer).toBe(asTheyAre);
  expect(own.equals(bytes)).toBe(true);
  expect(bufferOf(new Uint8Array(own)).equals(bytes)).toBe(true);
});
