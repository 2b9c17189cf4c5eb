import { expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import { reportsFor } from '../../src/domain/feedback-sender.ts';

test.each([
  ['the provider, in its own domain', 'feedback@example.com', 'example.com', true],
  ['somebody else who has a mailbox there', 'mallory@example.com', 'example.com', false],
  ['a host of it', 'robot@fbl.example.com', 'example.com', true],
  ['the domain above', 'abuse@example.com', 'mail.example.com', true],
  ['somebody in the domain above', 'mallory@example.com', 'mail.example.com', false],
  ['a neighbour', 'feedback@fbl.example.com', 'mail.example.com', false],
  ['a name that ends alike', 'feedback@evilexample.com', 'example.com', false],
  ['two domains of one country', 'feedback@evil.co.uk', 'yahoo.co.uk', false],
  ['a service that reports for others', 'feedback@arf.mail.yahoo.com', 'aol.com', true],
  ['a mailbox there, for others', 'feedback@yahoo.com', 'aol.com', false],
  ['Microsoft’s', 'staff@hotmail.com', 'outlook.com', true],
  ['a customer of it', 'mallory@hotmail.com', 'outlook.com', false],
  ['one service for another’s', 'staff@hotmail.com', 'yahoo.com', false],
])('who may report for whose mailboxes: %s', (_, sender, mailboxes, expected) => {
  expect(reportsFor(sender as Address, mailboxes)).toBe(expected);
});
