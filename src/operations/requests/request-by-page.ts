import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { addressInput, nameInput } from '../inputs.ts';
import { findListOfPath, isPublicList } from '../lists/public-list.ts';
import type { Context, Operation } from '../operation.ts';
import { requestJoin } from './request-join.ts';
import { requestLeave } from './request-leave.ts';

const input = z.object({
  /** As the path of the page has it. */
  list: z.string().max(300),
  want: z.enum(['join', 'leave']),
  email: addressInput,
  name: nameInput.default(''),
  ip: z.string(),
});
type PageRequest = z.infer<typeof input>;

/**
 * What the forms to join and to leave ask for. It answers the same whether the address is a member or not and, unless the list is
 * public, whether there is such a list or not: only the owner of the address learns more, by mail.
 */
export const requestByPage: Operation<PageRequest, void> = {
  name: 'request-by-page',
  kind: 'command',
  summary: 'Takes the form of a page to join or to leave a list.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const list = await findListOfPath(context, request.list);
    if (list) await pass(context, list, request);
  },
  // The request it passes on has its own row.
  audit: () => undefined,
};

async function pass(context: Context, list: List, request: PageRequest): Promise<void> {
  const { email, name, ip } = request;
  const asked = { listId: list.id, email, origin: { ip } };
  try {
    if (request.want === 'leave') await context.perform(requestLeave, context.actor, asked);
    else await context.perform(requestJoin, context.actor, { ...asked, name });
  } catch (refusal) {
    const passing = refusal instanceof Refusal && (refusal.code === 'busy' || refusal.code === 'full');
    if (passing || !(refusal instanceof Refusal) || isPublicList(list)) throw refusal;
  }
}
