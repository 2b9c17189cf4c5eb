import type { HeaderField } from '../mail/headers.ts';
import { type Draft, takeAway } from './draft.ts';
import type { ComparedSignature } from './surviving-signatures.ts';

/** Without signatures that no longer fit what they sign (email.md §5.6). */
export function dropSignatures(draft: Draft, broken: readonly ComparedSignature[]): Draft {
  const fields = new Set(broken.map(({ field }) => field.raw));
  const why = 'it no longer fits what it signs';
  const isBroken = ({ name, raw }: HeaderField) => name === 'dkim-signature' && fields.has(raw);
  return takeAway(draft, (field) => (isBroken(field) ? why : undefined));
}
