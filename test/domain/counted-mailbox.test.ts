import { expect, it } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import { countedMailbox } from '../../src/domain/counted-mailbox.ts';

it.each([
  ['an address', 'ana@example.com', 'ana@example.com'],
  ['a tag', 'ana+birds@example.com', 'ana@example.com'],
  ['two tags', 'ana+a+b@example.com', 'ana@example.com'],
  ['a dot, which elsewhere may make another person', 'a.na@example.com', 'a.na@example.com'],
  ['a dot at Google', 'a.n.a+x@gmail.com', 'ana@gmail.com'],
  ['the old name of Google’s mail', 'ana@googlemail.com', 'ana@gmail.com'],
])('%s', (_, email, counted) => {
  expect(countedMailbox(email as Address)).toBe(counted);
});
