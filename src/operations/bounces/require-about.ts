import type { Address } from '../../domain/address.ts';
import { requireOperator, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { findMember } from '../find-member.ts';
import type { Context } from '../operation.ts';

/** A list that the address is on: whoever looks after it may ask. Without one only the operator may. */
export const ofListInput = listInput.optional();

export async function requireAbout(
  context: Context,
  { list, email }: { readonly list?: string | undefined; readonly email: string },
): Promise<void> {
  if (list === undefined) return requireOperator(context);
  await requireRoleOn(context, list, 'moderator');
  if (context.actor.kind === 'verified')
    await findMember(context, await findList(context, list), email as Address);
}
