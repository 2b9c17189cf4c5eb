import { z } from 'zod';
import { findAiling } from '../../store/ailing.ts';
import { consentsOf } from '../../store/consents.ts';
import { membersAmong } from '../../store/roster.ts';
import { requireRoleOn } from '../authorise.ts';
import { type AilingDetails, describeAiling } from '../bounces/ailing-details.ts';
import { findList, listInput } from '../find-list.ts';
import { findMember } from '../find-member.ts';
import { addressInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { describeMember, type MemberDetails } from './member-details.ts';

const input = z.object({ list: listInput, email: addressInput });

export interface ShownMember extends MemberDetails {
  /** What is known of failures of mail to the address; null: it takes mail. */
  readonly ailing: AilingDetails | null;
  /** How the membership came about, newest first. */
  readonly consents: readonly {
    readonly how: string;
    readonly wording: string;
    /** null: it came by mail, or from the operator. */
    readonly ip: string | null;
    /** ISO 8601, UTC. */
    readonly at: string;
  }[];
}

export const showMember: Operation<z.infer<typeof input>, ShownMember> = {
  name: 'show-member',
  kind: 'query',
  summary: 'Shows a member of a list, and how they came to be on it.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, { list: named, email }) => {
    const member = await findMember(context, await findList(context, named), email);
    const consents = await consentsOf(context.tx, member.id);
    const ailing = await findAiling(context.tx, email);
    return {
      ...describeMember(member),
      ailing: ailing
        ? describeAiling(ailing, (await membersAmong(context.tx, [email], 'member')).has(email))
        : null,
      consents: consents.map(({ how, wording, ip = null, at }) => ({
        how,
        wording,
        ip,
        at: new Date(at).toISOString(),
      })),
    };
  },
};
