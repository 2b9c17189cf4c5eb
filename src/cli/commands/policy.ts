import { Command } from 'commander';
import {
  type ExplainedPost,
  type ExplainedRule,
  explainPost,
} from '../../operations/posting/explain-post.ts';
import type { Frame } from '../frame.ts';

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
    .option('--from <address>', 'envelope sender; without it, the From')
    .option('--ip <address>', 'where it came from: without it SPF is not asked')
    .option('--helo <name>', 'how that server introduced itself')
    .action(async (list: string, source: string, options: ExplainOptions) => {
      const raw = await read(source);
      const explained = await operate(async (desk) => {
        const examined = await desk.examine(raw, options);
        return examined.kind === 'mail'
          ? desk.perform(explainPost, { list, mail: examined.mail })
          : { verdict: 'reject' as const, reply: examined.reply };
      });
      if (!('rules' in explained)) {
        output.facts(Object.entries(explained), explained);
        return;
      }
      output.facts(factsOf(explained), explained);
      if (explained.identity.temporary)
        output.note('DNS did not answer, so the author could not be checked in full.');
      if (options.ip === undefined) output.note('Without --ip, SPF was not asked.');
    });
}

function factsOf(post: ExplainedPost): (readonly [label: string, value: string])[] {
  const { list, verdict, reply, author, identity, member, rules, senderRule, headerRules, attachments } =
    post;
  return [
    ['list', list],
    ['verdict', verdict],
    ...(reply === undefined ? [] : [['reply', reply] as const]),
    ['author', `${author ?? 'none that can be read'}, ${member ? member.role : 'not a member'}`],
    ['proved', `${identity.class}: ${identity.why}`],
    ...rules.map((rule) => [rule.rule, describeRule(rule)] as const),
    ...(senderRule ? [['sender', describeStanding(senderRule)] as const] : []),
    ...headerRules.map((rule) => ['header', `${rule.field} ${describeStanding(rule)}`] as const),
    ...attachments.map(
      ({ filename, type, danger }) =>
        ['file', [filename || '(no name)', type, danger].filter(Boolean).join(', ')] as const,
    ),
    ...(post.spam ? [['spam', `${post.spam.score} ${post.spam.symbols.join(' ')}`.trim()] as const] : []),
  ];
}

function describeRule({ verdict, why, ignored }: ExplainedRule): string {
  const found = verdict ? `${verdict}: ${why}` : '–';
  if (ignored === 'allowed') return `${found} (a standing “allow” answers it)`;
  return ignored && verdict ? `${found} (not asked: an earlier rule has decided)` : found;
}

function describeStanding(rule: {
  readonly pattern: string;
  readonly action: string;
  readonly site: boolean;
}) {
  return `${rule.pattern}: ${rule.action}${rule.site ? ', for the whole site' : ''}`;
}
