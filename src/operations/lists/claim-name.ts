import { baseNames, checkListName, derivedNames, type NameRules } from '../../domain/list-name.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type ListName, namesInUse } from '../../store/list-names.ts';
import type { Context } from '../operation.ts';

/**
 * Makes sure that a list may take a name: it can be one, no other list answers to it or ever did, and neither list would take
 * over the other's own addresses (`friends` beside `friends-owner`). `own`: the list that is renamed.
 */
export async function claimName(
  { tx }: Context,
  { name, domain }: ListName,
  rules: NameRules & { readonly own?: number },
): Promise<void> {
  const problem = checkListName(name, rules);
  if (problem !== undefined) throw new Refusal('invalid', problem);
  const near = await namesInUse(tx, domain, [name, ...baseNames(name), ...derivedNames(name)]);
  const taken = near.find(({ listId }) => listId !== rules.own);
  if (taken?.name === name) {
    throw new Refusal('exists', `${name}@${domain} is, or was before a renaming, the address of a list.`);
  }
  if (taken) {
    throw new Refusal(
      'exists',
      `"${name}" and the list "${taken.name}" would each answer to the other's addresses: choose another name.`,
    );
  }
}
