import { z } from 'zod';
import { addressInput } from '../inputs.ts';

/** What owners and moderators ask for by mail about their list; kept in a token while it waits for their yes. */
export const officerCommandInput = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['invite', 'add', 'remove', 'moderate', 'unmoderate', 'ban', 'allow', 'forget']),
    email: addressInput,
  }),
  z.object({ kind: z.enum(['hold', 'free']) }),
  /** Any post of the conversation, by its number or hash. */
  z.object({ kind: z.enum(['lock', 'unlock']), post: z.string().max(40) }),
  z.object({
    kind: z.enum(['approve', 'reject', 'discard']),
    heldId: z.number(),
    reason: z.string().max(2000),
  }),
]);
export type OfficerCommand = z.infer<typeof officerCommandInput>;

/** As its sender could have written it. */
export function sayCommand(command: OfficerCommand): string {
  switch (command.kind) {
    case 'hold':
    case 'free':
      return command.kind;
    case 'lock':
    case 'unlock':
      return `${command.kind} ${command.post}`;
    case 'approve':
    case 'reject':
    case 'discard':
      return `${command.kind} ${command.heldId} ${command.reason}`.trim();
    default:
      return `${command.kind} ${command.email}`;
  }
}
