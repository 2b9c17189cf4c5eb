import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import { listAddress } from '../../domain/list.ts';
import { formatMomentInFull } from '../../domain/list-time.ts';
import { Refusal } from '../../domain/refusal.ts';
import { readableText } from '../../mail/readable-text.ts';
import { type EditableText, editableText } from '../../mail/replace-text.ts';
import { readBody } from '../../store/bodies.ts';
import { findHeldAmong, type Held } from '../../store/held.ts';
import { requireRole } from '../authorise.ts';
import { formatDay } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { requireList } from '../require-list.ts';
import {
  claimedAuthor,
  describeAttachment,
  describeIdentity,
  historyOf,
  oneLine,
  type Story,
  storyOf,
} from './describe-held.ts';
import { moderationToken } from './moderate.ts';
import { moderatorBehind } from './moderators.ts';
import { reasonsOf } from './reject-reasons.ts';

/** What the page behind a moderator's link shows. Everything that a stranger wrote is text. */
export interface ModerationView {
  readonly list: { readonly title: string; readonly address: string };
  /** In the order of the mail; those that are no longer kept are left out. */
  readonly posts: readonly PostSummary[];
  /** The one that was asked for. */
  readonly post?: PostView;
  /** For whoever rejects. */
  readonly reasons: readonly string[];
}

export interface PostSummary {
  readonly id: number;
  /** Its number in the mail, from 1. */
  readonly number: number;
  readonly from: string;
  readonly subject: string;
  /** Clauses: why it waits. */
  readonly because: readonly string[];
  /** “20 Nov 2026, 10:02 (Europe/Zurich)”, and a day: the page is read on another day, and elsewhere. */
  readonly since: string;
  readonly until: string;
  /** “Bob Finch has been looking into it since 10:02 (UTC)”. */
  readonly claim?: string;
  /** “approved by Bob Finch at 10:02 (UTC)”; absent while it waits. */
  readonly decision?: string;
}

export interface PostView extends PostSummary {
  /** “yes: DKIM of example.org matches the From”. */
  readonly identity: string;
  readonly history: string;
  readonly attachments: readonly string[];
  /** The beginning of what it says, at most 64 KiB. */
  readonly text: string;
  readonly editable: EditableText;
}

const input = z.object({
  token: z.string().max(100),
  /** The number of the post to show whole. A mail about one post needs none. */
  number: z.number().int().positive().optional(),
});

/** Undefined for a token that is none of ours. Throws Refusal('not-allowed') for somebody who moderates no more. Changes nothing. */
export const showModeration: Operation<z.infer<typeof input>, ModerationView | undefined> = {
  name: 'show-moderation',
  kind: 'query',
  summary: 'Shows the posts that a moderator was asked about.',
  input,
  authorise: () => {},
  run: async (context, { token: text, number }) => {
    const token = await moderationToken(context, text);
    if (!token || token.stored.listId === null) return undefined;
    const list = await requireList(context, token.stored.listId);
    await requireRole(
      { ...context, actor: await moderatorBehind(context, token.stored) },
      list.id,
      'moderator',
    );
    const kept = await findHeldAmong(context.tx, token.heldIds);
    const numbered = kept
      .map((held) => ({ held, number: token.heldIds.indexOf(held.id) + 1 }))
      .sort((a, b) => a.number - b.number);
    const only = numbered.length === 1 && number === undefined ? numbered[0] : undefined;
    const wanted = only ?? numbered.find((post) => post.number === number);
    if (number !== undefined && !wanted)
      throw new Refusal('not-found', 'There is no such post behind this link.');
    const story = await storyOf(context, list, kept);
    const posts = numbered.map((post) => summarise(list, post, story));
    return {
      list: { title: list.title, address: listAddress(list) },
      posts,
      ...(wanted && { post: await view(context, wanted, summarise(list, wanted, story)) }),
      reasons: reasonsOf(list),
    };
  },
};

interface Numbered {
  readonly held: Held;
  readonly number: number;
}

function summarise(list: List, { held, number }: Numbered, story: Story): PostSummary {
  const claim = story.claim(held);
  const decision = story.decision(held);
  return {
    id: held.id,
    number,
    from: claimedAuthor(held),
    subject: oneLine(held.subject, longestSubject),
    because: held.reasons.map(({ why }) => why),
    since: formatMomentInFull(held.heldAt, list.settings.timezone),
    until: formatDay(held.expiresAt),
    ...(claim !== undefined && { claim }),
    ...(decision !== undefined && { decision }),
  };
}

async function view(context: Context, { held }: Numbered, summary: PostSummary): Promise<PostView> {
  const raw = (await readBody(context.tx, held.bodyId)) ?? Buffer.alloc(0);
  return {
    ...summary,
    identity: describeIdentity(held.checks),
    history: await historyOf(context, held),
    attachments: held.checks.attachments.map(describeAttachment),
    text: readableText(raw),
    editable: editableHere(held, raw),
  };
}

/** Longest Subject that fits the form, in characters. */
const longestSubject = 500;
/** Longest text that fits the form, where a character may take three bytes; in characters. */
const longestEdited = 20_000;

function editableHere(held: Held, raw: Buffer): EditableText {
  if (!held.authorEmail) return { kind: 'not-editable', why: 'it has no single author' };
  const found = editableText(raw);
  return found.kind === 'editable' && found.text.length > longestEdited
    ? { kind: 'not-editable', why: 'it is too long for this page' }
    : found;
}
