import { z } from 'zod';
import type { Address } from '../domain/address.ts';
import { readAddress } from '../mail/ascii-domain.ts';

/** An address in any spelling people use, as its canonical form. */
export const addressInput = z.string().transform((text, issues): Address => {
  const email = readAddress(text.trim());
  if (!email) issues.addIssue({ code: 'custom', message: `“${text.slice(0, 100)}” is not an address we can write to` });
  return email as Address;
});
