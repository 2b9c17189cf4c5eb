import type { Checks } from '../domain/checks.ts';
import type { List } from '../domain/list.ts';
import type { Decision } from '../domain/verdict.ts';
import { readHead } from '../mail/headers.ts';
import { readFacts } from '../mail/read-facts.ts';
import { type Blessing, decideAgain } from '../policy/decide.ts';
import { readBody } from '../store/bodies.ts';
import { standingOf } from '../store/standing.ts';
import type { Context } from './operation.ts';
import { memberFacts } from './post.ts';
import type { AcceptedMail } from './send-to-list.ts';

/**
 * A stored mail before the rules once more, after a moderator's or its author's yes: the same one way in, with the questions lifted
 * that the yes answers. Undefined when the mail is no longer kept.
 */
export async function judgeAgain(
  context: Context,
  stored: { readonly list: List; readonly bodyId: number; readonly trace: string; readonly checks: Checks },
  blessing: Blessing,
): Promise<{ mail: AcceptedMail; decision: Decision } | undefined> {
  const raw = await readBody(context.tx, stored.bodyId);
  if (!raw) return undefined;
  const facts = readFacts(raw, readHead(raw), context.site.hostname);
  const standing = facts.author && (await standingOf(context.tx, stored.list.id, facts.author.email));
  const decision = decideAgain(
    {
      mail: facts,
      list: stored.list,
      ownNames: [],
      nullSender: false,
      checks: stored.checks,
      spoofProtection: context.site.senderChecks === 'none' ? 'off' : stored.list.settings.spoof_protection,
      ...(standing ? { member: memberFacts(standing) } : {}),
      headerRules: [],
      threadLocked: false,
      empty: false,
      quotesDigest: false,
      behindFrontMta: false,
    },
    blessing,
  );
  return { mail: { raw, facts, trace: stored.trace }, decision };
}
