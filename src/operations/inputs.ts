import { z } from 'zod';
import type { Address } from '../domain/address.ts';
import { allowedModes, allowedRoles, parseMode, parseRole, tidyName } from '../domain/member-words.ts';
import { deliveryModes, postings } from '../domain/membership.ts';
import { readAddress } from '../mail/ascii-domain.ts';

/** An address in any spelling people use, as its canonical form. */
export const addressInput = z.string().transform((text, issues): Address => {
  const email = readAddress(text.trim());
  if (!email)
    issues.addIssue({ code: 'custom', message: `“${text.slice(0, 100)}” is not an address we can write to` });
  return email as Address;
});

// Nor what turns the line or the direction of writing: it stands beside addresses, which people must be able to read.
const oneLine = /^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u;
const plainLines = /^(?:[^\p{Cc}\u2028-\u202e\u2066-\u2069]|\n)*$/u;

/** A list's name for people: one line, it stands in headers of mails. */
export const titleInput = z
  .string()
  .trim()
  .min(1, 'a title needs at least one character')
  .max(100, 'a title has at most 100 characters')
  .regex(oneLine, 'a title is one line of plain text');

/** What a list is for, in a sentence or two. */
export const purposeInput = z
  .string()
  .trim()
  .max(1000, 'a purpose has at most 1000 characters')
  .regex(plainLines, 'a purpose is plain text');

/** Where and when people agreed, in the words of whoever adds them. */
export const consentInput = z
  .string()
  .trim()
  .max(1000, 'a note on consent has at most 1000 characters')
  .regex(plainLines, 'a note on consent is plain text');

/** A display name, put in order: one line, no control characters. */
export const nameInput = z.string().max(1000).transform(tidyName);

const modeInput = word(parseMode, allowedModes);
const roleInput = word(parseRole, allowedRoles);

/** What a member may change about their own membership. Only what is named changes. */
export const preferencesInput = z.object({
  mode: z.enum(deliveryModes).optional(),
  ownCopy: z.boolean().optional(),
  name: z.string().max(200).optional(),
  /** Epoch milliseconds: no mail until then; null ends a pause. */
  pausedUntil: z.number().nullable().optional(),
});
export type Preferences = z.infer<typeof preferencesInput>;

/** Somebody who is put on a list; `joinedAt` in epoch milliseconds. */
export const entryInput = z.object({
  email: addressInput,
  name: nameInput.default(''),
  mode: modeInput.optional(),
  role: roleInput.optional(),
  joinedAt: z.int().optional(),
  posting: z.enum(postings).optional(),
});

function word<T>(parse: (text: string) => T | undefined, allowed: string) {
  return z.string().transform((text, issues): T => {
    const value = parse(text);
    if (value === undefined) {
      issues.addIssue({ code: 'custom', message: `“${text.slice(0, 100)}” is not ${allowed}` });
    }
    return value as T;
  });
}
