import { Command } from 'commander';
import { Refusal } from '../../domain/refusal.ts';
import { type ExplainedRewrite, explainRewrite } from '../../operations/posting/explain-rewrite.ts';
import type { OwnKey } from '../../operations/posting/explain-signing.ts';
import { cutShort } from '../cut-short.ts';
import type { Frame } from '../frame.ts';

export function rewriteCommand(frame: Frame): Command {
  const rewrite = new Command('rewrite').description('Try what becomes of a post on its way to the members.');
  explainVerb(rewrite, frame);
  return rewrite;
}

function explainVerb(rewrite: Command, { operate, output, read, write, config }: Frame): void {
  rewrite
    .command('explain')
    .description('Show what would be changed in a mail that went out to a list, and why. Nothing is posted.')
    .argument('<list>', 'its address or local part')
    .argument('<file>', 'the mail, with its headers; - for standard input')
    .option('--out <file>', 'write what would go out to a new file, unsigned and without what is personal')
    .action(async (list: string, source: string, { out }: { readonly out?: string }) => {
      const raw = await read(source);
      const { dkim, arc, delivery } = config().config;
      const { personalize } = delivery;
      const { explained, copy } = await operate(async (desk) => {
        const examined = await desk.examine(raw, {});
        return examined.kind === 'mail'
          ? desk.perform(explainRewrite, {
              list,
              mail: examined.mail,
              signs: dkim.sign,
              seals: arc.seal,
              personalize,
            })
          : refuseMalformed(examined.reply);
      });
      if (out !== undefined) await write(out, copy);
      output.facts(factsOf(explained), explained);
      if (out !== undefined) output.note(`What would go out is in ${out}.`);
    });
}

/** Nothing of it would go out, so there is nothing to show. */
function refuseMalformed(reply: string): never {
  throw new Refusal('invalid', `The server would not take this mail: ${reply}`);
}

type Change = ExplainedRewrite['changes'][number];
type Fact = readonly [label: string, value: string];

/** As a diff: what goes away, what comes, and why. */
function factsOf(explained: ExplainedRewrite): Fact[] {
  const { list, from, signatures, changes, footerLeft, signedBy, sealedBy, tellsResults } = explained;
  const { unsigned, unsealed, shared } = explained;
  return [
    ['list', list],
    ['From', `${decisionOf(from)}: ${from.why}`],
    ['DMARC', policyOf(explained)],
    ...signatures.map((signature) => ['DKIM', describeSignature(signature)] as const),
    ...(footerLeft === null ? [] : [['footer', `none: ${footerLeft}`] as const]),
    ...byInterest(changes.filter((change) => !isOfEveryPost(change))).flatMap(diffOf),
    [
      '+ of the list',
      changes
        .filter(isOfEveryPost)
        .map(({ what }) => what)
        .join(', '),
    ],
    [
      '+ each copy',
      [
        ...(shared ? [] : ['List-Unsubscribe', 'List-Unsubscribe-Post', 'Feedback-ID']),
        ...(tellsResults ? ['Authentication-Results'] : []),
        ...(shared ? ['nothing of its own: one copy serves many members'] : []),
      ].join(', '),
    ],
    ...signedBy.map((key) => ['+ DKIM-Signature', describeKey(key)] as const),
    ...(unsigned === null ? [] : [['DKIM-Signature', `none: ${unsigned}`] as const]),
    ...(sealedBy
      ? [['+ ARC set', `${describeKey(sealedBy)}, i=${sealedBy.instance} cv=${sealedBy.cv}`] as const]
      : []),
    ...(unsealed === null ? [] : [['ARC set', `none: ${unsealed}`] as const]),
  ];
}

function policyOf({ policy, policyPublished }: ExplainedRewrite): string {
  if (policy === 'unknown') return 'unknown: nobody could find out what the author’s domain asks for';
  if (policy !== 'none') return `${policy}: the author’s domain wants that of mail that fails`;
  if (policyPublished === null) return 'nobody looked, so it counts as none';
  return policyPublished
    ? 'none: a record of the author’s domain asks for nothing (p=none)'
    : 'none: the author’s domain publishes no record';
}

/** Added, and the same for all posts of a list or nearly. */
function isOfEveryPost({ what, before }: Change): boolean {
  return before === null && /^(?:List-|Archived-At$|Precedence$|Received$|X-)/.test(what);
}

const mostInteresting = ['From', 'Subject', 'Reply-To'];

function byInterest(changes: readonly Change[]): readonly Change[] {
  const rank = ({ what }: Change) =>
    mostInteresting.includes(what) ? mostInteresting.indexOf(what) : mostInteresting.length;
  return [...changes].sort((a, b) => rank(a) - rank(b));
}

function diffOf({ what, why, before, after }: Change): Fact[] {
  if (before === null && after === null) return [[`~ ${what}`, `(${why})`]];
  return [
    ...(before === null
      ? []
      : [[`- ${what}`, after === null ? because(before, why) : shown(before)] as const]),
    ...(after === null ? [] : [[`+ ${what}`, because(after, why)] as const]),
  ];
}

/** No value is longer than a line or two. */
function shown(value: string): string {
  return cutShort(value, 160);
}

/** An anonymous list's posts have its own address before anything is decided. */
function decisionOf({ decision, before, after }: ExplainedRewrite['from']): string {
  return decision === 'author' && before !== after ? 'the list' : decisions[decision];
}

const decisions = {
  author: 'the author',
  rewritten: 'another address',
  wrapped: 'the list, around it',
} as const;

function describeSignature({
  domain,
  selector,
  provesAuthor,
  survives,
}: ExplainedRewrite['signatures'][number]) {
  const arrived = provesAuthor ? 'proves the author' : 'proves nothing about the author';
  return `d=${domain} s=${selector}: ${arrived}; ${survives ? 'fits what goes out' : 'does not fit what goes out'}`;
}

function describeKey({ domain, selector, algorithm }: OwnKey): string {
  return `d=${domain} s=${selector}, ${algorithm}`;
}

function because(value: string, why: string): string {
  return `${shown(value)}  (${why})`;
}
