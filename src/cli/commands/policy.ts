import { Command } from 'commander';
import { showList } from '../../operations/lists/show-list.ts';
import {
  type ExplainedPost,
  type ExplainedRule,
  type ExplainedStanding,
  explainPost,
} from '../../operations/posting/explain-post.ts';
import type { Desk, Frame } from '../frame.ts';

interface ExplainOptions {
  readonly from?: string;
  readonly ip?: string;
  readonly helo?: string;
}

export function policyCommand(frame: Frame): Command {
  const policy = new Command('policy').description('Try the rules that decide who may post.');
  explainVerb(policy, frame);
  return policy;
}

function explainVerb(policy: Command, { operate, output, read }: Frame): void {
  policy
    .command('explain')
    .description('Tell what would become of a mail to a list, and why, rule by rule. Nothing is posted.')
    .argument('<list>', 'its address or local part')
    .argument('<file>', 'the mail, with its headers; - for standard input')
    .option('--from <address>', 'envelope sender, <> for none; without it, the From')
    .option('--ip <address>', 'where it came from: without it SPF is not asked')
    .option('--helo <name>', 'how that server introduced itself')
    .action(async (list: string, source: string, options: ExplainOptions) => {
      const raw = await read(source);
      let malformed = '';
      const explained = await operate(async (desk) => {
        const examined = await desk.examine(raw, {
          ...options,
          ...(options.from === '<>' && { from: '' }),
        });
        if (examined.kind === 'mail') return desk.perform(explainPost, { list, mail: examined.mail });
        malformed = examined.reply;
        return explainMalformed(desk, list, malformed);
      });
      if (explained.identity === null) {
        const { verdict, reply } = explained;
        output.facts(
          [['verdict', verdict], ...(reply === null ? [] : [['reply', reply] as const])],
          explained,
        );
        if (reply === null)
          output.note(
            `The mail server in front has taken it already, so it is dropped; there it could be told: ${malformed}`,
          );
        return;
      }
      output.facts(factsOf(explained), explained);
      if (explained.identity.temporary)
        output.note('DNS did not answer, so the author could not be checked in full.');
      if (isRefusedInside(explained))
        output.note(
          'The mail server in front has taken it already: what a rule refuses waits, if it is a member’s, and else is dropped.',
        );
      if (explained.senderChecks === 'none') output.note(describeUnchecked(explained));
      if (explained.senderChecks === 'own' && options.ip === undefined)
        output.note('Without --ip, SPF was not asked.');
    });
}

function isRefusedInside({ verdict, reply, rules }: ExplainedPost): boolean {
  const isRefused = rules.some((rule) => rule.verdict === 'reject' && rule.ignored === null);
  return isRefused && reply === null && (verdict === 'hold' || verdict === 'discard');
}

/** Refused at DATA for its form: nobody looks at who wrote it, and no rule is asked. */
async function explainMalformed(desk: Desk, named: string, reply: string) {
  const { address: list } = await desk.perform(showList, { list: named });
  const isTaken = desk.site.senderChecks === 'front';
  return {
    list,
    verdict: isTaken ? ('discard' as const) : ('reject' as const),
    reply: isTaken ? null : reply,
    author: null,
    identity: null,
    senderChecks: desk.site.senderChecks,
    spoofProtection: null,
    member: null,
    rules: [],
    senderRule: null,
    headerRules: [],
    attachments: [],
    rspamd: null,
  };
}

/** Where only owners post, proof is asked for in every setting (src/policy/identity.ts). */
function describeUnchecked({ spoofProtection: { setting, inForce } }: ExplainedPost): string {
  const nobody =
    'Nobody checks here who sent a mail (checks.spf_dkim_dmarc is false and smtp.trusted_authserv_ids is empty)';
  return inForce === 'off'
    ? `${nobody}: spoof_protection, ${setting} on this list, asks for nothing, and whoever writes a member’s address into From is believed.`
    : `${nobody}, and where only owners post each post wants proof all the same (spoof_protection): theirs wait until they answer a question by mail.`;
}

function factsOf(post: ExplainedPost): (readonly [label: string, value: string])[] {
  const { list, verdict, reply, author, identity, member, rules, senderRule, headerRules, attachments } =
    post;
  const { senderChecks, spoofProtection, rspamd } = post;
  return [
    ['list', list],
    ['verdict', verdict],
    ...(reply === null ? [] : [['reply', reply] as const]),
    ['author', `${author ?? 'none that can be read'}, ${member ? member.role : 'not a member'}`],
    ['proved', `${senderChecks === 'none' ? 'not checked' : identity.class}: ${identity.why}`],
    ['spoof_protection', describeProtection(spoofProtection)],
    ...rules.map((rule) => [rule.rule, describeRule(rule)] as const),
    ...(senderRule ? [['sender', describeStanding(senderRule)] as const] : []),
    ...headerRules.map((rule) => ['header', `${rule.field} ${describeStanding(rule)}`] as const),
    ...attachments.map(
      ({ filename, type, danger, closed }) =>
        ['file', [filename || '(no name)', type, danger ?? closed].filter(Boolean).join(', ')] as const,
    ),
    ...(rspamd ? [['spam', `${rspamd.score} ${rspamd.symbols.join(' ')}`.trim()] as const] : []),
  ];
}

function describeProtection({ setting, inForce }: ExplainedPost['spoofProtection']): string {
  return setting === inForce ? setting : `${setting}, in force here: ${inForce}`;
}

function describeRule({ verdict, why, ignored }: ExplainedRule): string {
  const found = verdict ? `${verdict}: ${why}` : '–';
  if (ignored === 'allowed') return `${found} (a standing “allow” answers it)`;
  return ignored && verdict ? `${found} (not asked: an earlier rule has decided)` : found;
}

function describeStanding({ list, pattern, action }: ExplainedStanding): string {
  return `${pattern}: ${action}${list === null ? ', for the whole site' : ''}`;
}
