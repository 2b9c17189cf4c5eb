import type { ModerationView, PostSummary, PostView } from '../../operations/moderation/show-moderation.ts';
import { say, type TextKey } from '../texts.ts';

interface PageProps {
  readonly view: ModerationView;
  /** Of this page. */
  readonly path: string;
}

/** Every post that the mail spoke of. */
export function PostsPage({ view, path }: PageProps) {
  return (
    <ul class="mails">
      {view.posts.map((post) => (
        <li>
          <a href={`${path}?post=${post.number}`}>{titleOf(post)}</a>
          <p>{say('moderate.from', { from: post.from })}</p>
          <State post={post} />
        </li>
      ))}
    </ul>
  );
}

interface PostProps extends PageProps {
  readonly post: PostView;
  readonly token: string;
}

/** One of them, with all there is to know, and the buttons. */
export function PostPage({ view, post, token, path }: PostProps) {
  return (
    <>
      {post.decision !== undefined && (
        <p class="note">{say('moderate.decided', { decision: post.decision })}</p>
      )}
      {post.claim !== undefined && <p class="note">{`${post.claim}.`}</p>}
      <dl>
        <Fact name="moderate.subject" value={titleOf(post)} />
        <Fact name="moderate.author" value={post.from} />
        <Fact name="moderate.identity" value={post.identity} />
        <Fact name="moderate.history" value={post.history} />
        <Fact name="moderate.because" value={post.because.join('; ')} />
        {post.attachments.map((attachment) => (
          <Fact name="moderate.attached" value={attachment} />
        ))}
        <Fact
          name="moderate.time"
          value={
            post.decision === undefined
              ? say('moderate.since-until', { since: post.since, until: post.until })
              : post.since
          }
        />
      </dl>
      <pre class="mail">{post.text || say('moderate.no-text')}</pre>
      {post.decision === undefined && <Buttons view={view} post={post} token={token} path={path} />}
      {view.posts.length > 1 && <AllPosts path={path} />}
    </>
  );
}

/** Three forms, so that a key pressed in one field cannot press the button of another. */
function Buttons({ view, post, token, path }: PostProps) {
  return (
    <>
      <form method="post" action={path}>
        <Hidden token={token} post={post} />
        <div class="actions">
          <Press act="approve" />
          <Press act="allow" second />
        </div>
      </form>
      <EditLink post={post} path={path} />
      <h2>{say('moderate.reject-title')}</h2>
      <form method="post" action={path}>
        <Hidden token={token} post={post} />
        <div class="field">
          <label for="canned">{say('moderate.canned')}</label>
          <select id="canned" name="canned">
            <option value="">{say('moderate.no-reason')}</option>
            {view.reasons.map((reason, i) => (
              <option value={String(i + 1)}>{reason}</option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="reason">{say('moderate.reason')}</label>
          <textarea id="reason" name="reason" rows={3} maxlength={2000}></textarea>
        </div>
        <div class="actions">
          <Press act="reject" second />
        </div>
      </form>
      <h2>{say('moderate.other')}</h2>
      <form method="post" action={path}>
        <Hidden token={token} post={post} />
        <div class="actions">
          <Press act="discard" second />
          <Press act="ban" second />
          <Press act={post.claim === undefined ? 'claim' : 'release'} second />
        </div>
      </form>
    </>
  );
}

interface EditProps {
  readonly post: PostView;
  readonly text: string;
  readonly token: string;
  readonly path: string;
}

/** Subject and text as they will go out. */
export function EditForm({ post, text, token, path }: EditProps) {
  return (
    <form method="post" action={path} enctype="multipart/form-data">
      <Hidden token={token} post={post} />
      <p>{say('moderate.edit-body')}</p>
      <div class="field">
        <label for="subject">{say('moderate.subject')}</label>
        {/* Not an input: there the Enter key would post it. */}
        <textarea id="subject" name="subject" rows={2} maxlength={500}>
          {post.subject}
        </textarea>
      </div>
      <div class="field">
        <label for="text">{say('moderate.text')}</label>
        {/* HTML drops a line end right after the tag. */}
        <textarea id="text" name="text" rows={20} class="mail">{`\n${text}`}</textarea>
      </div>
      <div class="actions">
        <Press act="approve" />
        <a class="button second" href={`${path}?post=${post.number}`}>
          {say('moderate.edit-cancel')}
        </a>
      </div>
    </form>
  );
}

interface DoneProps {
  readonly sentence: string;
  readonly several: boolean;
  readonly path: string;
}

export function BackToPosts({ sentence, several, path }: DoneProps) {
  return (
    <>
      <p>{sentence}</p>
      {several && <AllPosts path={path} />}
    </>
  );
}

function AllPosts({ path }: { readonly path: string }) {
  return (
    <p>
      <a href={path}>{say('moderate.all')}</a>
    </p>
  );
}

function EditLink({ post, path }: { readonly post: PostView; readonly path: string }) {
  if (post.editable.kind === 'not-editable')
    return <p class="quiet">{say('moderate.not-editable', { why: post.editable.why })}</p>;
  return (
    <p>
      <a href={`${path}?post=${post.number}&edit=1`}>{say('moderate.edit')}</a>
    </p>
  );
}

function State({ post }: { readonly post: PostSummary }) {
  const said =
    post.decision === undefined
      ? say('moderate.waits', { because: post.because.join('; '), until: post.until })
      : say('moderate.decided', { decision: post.decision });
  return <p class="quiet">{post.claim === undefined ? said : `${said} ${post.claim}.`}</p>;
}

function Fact({ name, value }: { readonly name: TextKey; readonly value: string }) {
  return (
    <>
      <dt>{say(name)}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Hidden({ token, post }: { readonly token: string; readonly post: PostSummary }) {
  return (
    <>
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="post" value={String(post.number)} />
    </>
  );
}

type Pressed = 'approve' | 'allow' | 'reject' | 'discard' | 'ban' | 'claim' | 'release';

function Press({ act, second }: { readonly act: Pressed; readonly second?: boolean }) {
  return (
    <button type="submit" name="answer" value={act} class={second ? 'second' : undefined}>
      {say(`moderate.do-${act}`)}
    </button>
  );
}

function titleOf({ subject }: PostSummary): string {
  return subject || say('moderate.no-subject');
}
