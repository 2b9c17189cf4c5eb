import type { Checks } from '../../domain/checks.ts';
import type { List } from '../../domain/list.ts';
import type { Decision, Reason } from '../../domain/verdict.ts';
import { readHead } from '../../mail/headers.ts';
import { readFacts } from '../../mail/read-facts.ts';
import { type Blessing, decideAgain } from '../../policy/decide.ts';
import { readBody } from '../../store/bodies.ts';
import type { Context } from '../operation.ts';
import type { AcceptedMail } from './accepted-mail.ts';
import { archivedCopyOf } from './copies.ts';
import { gatherFacts, readText } from './gather-facts.ts';

export interface StoredMail {
  readonly list: List;
  readonly bodyId: number;
  readonly trace: string;
  readonly checks: Checks;
  /** What it was held for. */
  readonly reasons?: readonly Reason[];
}

/**
 * A stored mail before the rules once more, after a moderator's or its author's yes: the same one way in, with the questions lifted
 * that the yes answers. Undefined when the mail is no longer kept.
 */
export async function judgeAgain(
  context: Context,
  stored: StoredMail,
  blessing: Blessing,
): Promise<{ mail: AcceptedMail; decision: Decision } | undefined> {
  const raw = await readBody(context.tx, stored.bodyId);
  if (!raw) return undefined;
  const mail = readFacts(raw, readHead(raw), context.site.hostname);
  const { facts } = await gatherFacts(context, {
    list: stored.list,
    raw,
    text: readText(raw),
    mail,
    checks: stored.checks,
    // Whoever sent it is no longer on the line: there is nobody to refuse, or to ask to come again.
    nullSender: false,
    behindFrontMta: false,
    proofPending: false,
    earlier: await archivedCopyOf(context, stored.list, mail),
  });
  return {
    mail: { raw, facts: mail, trace: stored.trace, checks: stored.checks },
    decision: decideAgain(facts, blessing, stored.reasons),
  };
}
