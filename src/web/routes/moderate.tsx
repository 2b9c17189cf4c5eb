import { moderationActs } from '../../domain/moderation.ts';
import { moderate } from '../../operations/moderation/moderate.ts';
import {
  type ModerationView,
  type PostView,
  showModeration,
} from '../../operations/moderation/show-moderation.ts';
import { holder } from '../asker.ts';
import { BackToPosts, EditForm, PostPage, PostsPage } from '../pages/moderation.tsx';
import type { Form } from '../read-form.ts';
import { show, tell } from '../show.tsx';
import type { Asked } from '../site-frame.ts';
import { say } from '../texts.ts';

/**
 * `/c/TOKEN` for a token from a mail to a moderator: the posts it speaks of, one of them (`?post=2`), or a form to edit it
 * (`&edit=1`). Looking decides nothing; POST does, for whoever has the token (email.md §3.3, §4.6).
 */
export async function showModerationPage(c: Asked, token: string): Promise<Response> {
  const view = await viewOf(c, token, numberIn(c.req.query('post')));
  if (!view) return tell(c, { title: say('error.not-found'), status: 404 }, say('confirm.unknown'));
  const { post } = view;
  if (!post) {
    const title = say('moderate.posts', { list: view.list.title });
    return show(c, { title, wide: true }, <PostsPage view={view} path={pathOf(c, token)} />);
  }
  const title = post.decision === undefined ? 'moderate.title' : 'moderate.title-decided';
  const shown = { title: say(title, { list: view.list.title }), wide: true };
  if (c.req.query('edit') !== undefined && post.decision === undefined && post.editable.kind === 'editable') {
    return show(
      c,
      shown,
      <EditForm post={post} text={post.editable.text} token={token} path={pathOf(c, token)} />,
    );
  }
  return show(c, shown, <PostPage view={view} post={post} token={token} path={pathOf(c, token)} />);
}

/** The form must carry the token, as every form of `/c/` does; a refusal is shown by failures.ts. */
export async function takeModeration(c: Asked, form: Form, token: string): Promise<Response> {
  const view = await viewOf(c, token, numberIn(form.get('post')));
  const act = acts.find((each) => each === form.get('answer'));
  if (!view?.post || !act) return showModerationPage(c, token);
  const { sentence } = await c.var.frame.door.perform(moderate, holder(c, 'moderation'), {
    token,
    heldId: view.post.id,
    act,
    reason: reasonIn(form, view),
    ...editIn(form, view.post),
  });
  return show(
    c,
    { title: say('confirm.done') },
    <BackToPosts sentence={sentence} several={view.posts.length > 1} path={pathOf(c, token)} />,
  );
}

const acts = [...moderationActs, 'claim', 'release'] as const;

function viewOf(c: Asked, token: string, number: number | undefined): Promise<ModerationView | undefined> {
  const input = { token, ...(number !== undefined && { number }) };
  return c.var.frame.door.perform(showModeration, holder(c, 'moderation'), input);
}

function pathOf(c: Asked, token: string): string {
  return `${c.var.frame.base}/c/${token}`;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined;
}

/** The moderator's own words go before a canned reason. */
function reasonIn(form: Form, view: ModerationView): string {
  const own = (form.get('reason') ?? '').replace(/\r\n?/g, '\n').trim();
  return own !== '' ? own : (view.reasons[(numberIn(form.get('canned')) ?? 0) - 1] ?? '');
}

/** What the form changed: a post that is sent as it was shown goes out as its author wrote it. */
function editIn(form: Form, { subject, editable }: PostView): { subject?: string; text?: string } {
  const title = form.get('subject');
  const text = form.get('text')?.replace(/\r\n?/g, '\n');
  const shown = editable.kind === 'editable' ? editable.text : undefined;
  return {
    ...(title !== undefined && oneLine(title) !== oneLine(subject) && { subject: oneLine(title) }),
    ...(text !== undefined && text.trimEnd() !== shown?.trimEnd() && { text }),
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
