import type { Address } from '../../domain/address.ts';
import { requireOperator, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { findMember } from '../find-member.ts';
import type { Context } from '../operation.ts';

/** A list that the address is on: whoever looks after it may ask. Without one only the operator may. */
export const ofListInput = listInput.optional();

/** Who may ask about addresses of that list, or about any. */
export async function requireAbout(
  context: Context,
  { list }: { readonly list?: string | undefined },
): Promise<void> {
  if (list === undefined) requireOperator(context);
  else await requireRoleOn(context, list, 'moderator');
}

/** And the address is one of them. */
export async function requireOnList(
  context: Context,
  { list, email }: { readonly list?: string | undefined; readonly email: Address },
): Promise<void> {
  if (list !== undefined) await findMember(context, await findList(context, list), email);
}
