import type { WordKind } from './setting-words.ts';

/**
 * Every setting of a list: its values, its meaning and what each preset gives it. The one table from which
 * `list set`, `list show`, the presets and the reference are made.
 */
export const listSettings = {
  join: choice(
    ['open', 'approve', 'closed'],
    'Who may join: anyone, anyone an owner approves, or nobody (owners add members). Joining is always confirmed.',
    { private: 'approve' },
  ),
  post: choice(
    ['members', 'anyone', 'owners'],
    'Who may post. Everybody else is treated as `nonmember` says.',
    { announcement: 'owners', newsletter: 'owners', private: 'members' },
  ),
  nonmember: choice(
    ['hold', 'reject', 'discard'],
    'What happens to a post of somebody who may not post. `hold` holds it where its author is proved; the rest is refused with how to join. A From that is not one readable address proves nobody: it is held only where an address in it is a member’s.',
    {
      announcement: 'reject',
      newsletter: 'reject',
      private: 'reject',
    },
  ),
  hold_first_posts: count(
    0,
    1000,
    'How many posts of a new member are held for a moderator. Whom an owner added, invited or let in is no newcomer.',
    1,
    { announcement: 0, newsletter: 0, private: 0 },
  ),
  moderated: flag(
    'Every post waits for a moderator, but those of members with `posting=accept` who prove who they are.',
    false,
  ),
  emergency: flag(
    'Every post waits for a moderator, whatever else would accept it: for a quarrel or an attack.',
    false,
  ),
  listed: flag('Shown in the public directory.', false),
  archive: choice(
    ['public', 'members', 'owners', 'off'],
    'Who may read the archive; `off`: nobody but the operator, and nothing can be imported. Posts stay stored until purging is built.',
    {},
    'members',
  ),
  roster: choice(['members', 'owners'], 'Who may see the list of members.', { private: 'members' }, 'owners'),
  reply_to: {
    kind: 'reply-to',
    summary:
      'Where an answer goes: `author` (the header stays as written), `list`, `both`, `keep` (only what the author set), or an address.',
    default: 'author',
    presets: {},
  },
  respect_author_reply_to: flag(
    'A Reply-To that the author set counts: it stays where `reply_to` is `author`, and stands beside the list where that is `list` or `both`.',
    true,
  ),
  subject_tag: line(
    60,
    'Put after the reply marker of every subject, e.g. `[Birds]`; `%d` is the number of the post. It breaks most signatures of authors, so that many are rewritten (`dmarc`).',
  ),
  footer: paragraph(
    4000,
    'Text under every post; `standard` is ours, `{list}`, `{address}`, `{leave}`, `{page}` and `{postal_address}` are filled in. It breaks signatures of authors (`dmarc`), so discussion lists start without. Signed, encrypted and other mail that it would damage goes out without.',
    {
      announcement: 'standard',
      newsletter: 'standard',
    },
  ),
  dmarc: choice(
    ['auto', 'always', 'never', 'wrap'],
    'When another address stands in the From, so that receivers who check DMARC take the post: `auto`, where the author’s domain asks for checks and no signature of it survives. `wrap` puts the whole post into a mail of the list instead. `always` rewrites all but those whose domain is signed here, `never` nobody.',
    { announcement: 'always', newsletter: 'always' },
  ),
  dmarc_from: choice(
    ['alias', 'list'],
    'What stands in the From then: an address of its own for each author, which passes mail on to them, or the list’s.',
    { announcement: 'list', newsletter: 'list' },
  ),
  keep_broken_signatures: flag(
    'Signatures of authors that no longer fit what goes out stay on it. Without them a mail counts as unsigned, with them some receivers think worse of it.',
    false,
  ),
  anonymous: flag(
    'Posts go out, and are kept, without anything that says who wrote them: the From is the list. What authors write about themselves stays. Posts from before keep their authors.',
    false,
  ),
  umbrella: flag(
    'This list passes on another one: a post that comes from it keeps its List-Post, and its List-Archive where this list has no archive.',
    false,
  ),
  spoof_protection: choice(
    ['off', 'standard', 'strict'],
    'How much proof of the author a post needs. `standard` asks a member by mail whether an unproved post is theirs, `strict` refuses it; `off` believes the From of a member. Where nobody checks who sent a mail (`checks.spf_dkim_dmarc`) it is off, whatever it says, but on lists where only owners post.',
    { announcement: 'strict', newsletter: 'strict' },
    'standard',
  ),
  personalize: choice(
    ['auto', 'always', 'never'],
    'One copy per member (own return path, one-click leave) or shared copies. `auto` shares only posts over 1 MiB on lists over 200.',
    { announcement: 'always', newsletter: 'always' },
  ),
  own_copy: flag(
    'New members get their own posts back, as proof that they went out; each can change it.',
    true,
  ),
  send_goodbye: flag('Somebody who leaves gets one note with a way back.', true),
  misdirected: choice(
    ['intercept', 'off'],
    'What happens to a "subscribe" or "unsubscribe" sent to the list itself: carried out, or treated as a post.',
    {},
  ),
  max_size: size(
    1024,
    1024 ** 3,
    'Largest post. The site has a limit of its own, `smtp.max_size`, which no list exceeds.',
    5 * 1024 ** 2,
  ),
  max_recipients: count(0, 10_000, 'A post with more addresses in To and Cc is held. 0: no limit.', 20),
  require_addressed: flag('A post that does not name the list in To or Cc is held.', true),
  other_lists: choice(
    ['hold', 'accept'],
    'What happens to mail that comes from another mailing list. Its author must be allowed to post here all the same.',
    {},
  ),
  parent_lists: words(
    'list-id',
    'Mailing lists whose mail passes although `other_lists` holds that of others.',
  ),
  robots: words(
    'sender',
    'Programs that may post; others are refused. Each must be a member all the same, or allowed by `sender allow`.',
  ),
  attachments: choice(
    ['safe', 'any', 'none'],
    'Which attachments a post may carry: `safe` refuses programs, scripts, macros, disk images and archives that hold them or have a password, and holds archives that nobody could look into (7z, xz, bzip2, cab and others); `none` is text only.',
    {},
  ),
  digest_replies: choice(
    ['hold', 'accept'],
    'What happens to an answer that still has the subject of a digest, or quotes all of it.',
    {},
  ),
  spam: choice(
    ['hold', 'reject'],
    'What happens to a post that the spam filter marks: held out of sight of the others, or refused.',
    { announcement: 'reject', newsletter: 'reject' },
  ),
  held_expires: duration(
    3_600_000,
    365 * 86_400_000,
    'After this time without a decision a held post is rejected. Time in which no server is at work does not count.',
    14 * 86_400_000,
  ),
  reject_reasons: paragraph(
    4000,
    'Reasons that moderators reject with often, one a line: the page offers them, and “reject 2” by mail means the second. Empty: three of ours.',
  ),
  moderation_mail: choice(
    ['moderators', 'owners-too'],
    'Who gets mail about posts that wait: the moderators (the owners only where there is none), or the owners as well.',
    {},
  ),
  tell_decisions: flag(
    'Moderators get a mail about what another one has decided, at most one an hour.',
    true,
  ),
  timezone: {
    kind: 'timezone',
    summary:
      'Where the list is at home, such as Europe/Berlin: reminders come at 09:00 there, and moderators are told times of there.',
    default: 'UTC',
    presets: {},
  },
  postal_address: paragraph(
    500,
    'Shown in the footer of newsletters: bulk mail law of many countries asks for it.',
  ),
} as const satisfies Record<string, Setting>;

export type ListSettings = { readonly [K in keyof typeof listSettings]: ValueOf<(typeof listSettings)[K]> };
export type SettingKey = keyof typeof listSettings;
export const presets = ['discussion', 'announcement', 'private', 'newsletter'] as const;
export type Preset = (typeof presets)[number];

export type Setting =
  | Choice<readonly string[]>
  | (Described<boolean> & { readonly kind: 'flag' })
  /** A number, bytes or milliseconds, both ends allowed. */
  | (Described<number> & {
      readonly kind: 'count' | 'size' | 'duration';
      readonly min: number;
      readonly max: number;
    })
  /** At most `max` characters; a `line` enters a header and has no line break. */
  | (Described<string> & { readonly kind: 'line' | 'paragraph'; readonly max: number })
  | (Described<string> & { readonly kind: 'reply-to' | 'timezone' })
  /** Words of one kind, as wordsOf reads them. */
  | (Described<string> & { readonly kind: 'words'; readonly each: WordKind });

interface Described<T> {
  readonly summary: string;
  readonly default: T;
  readonly presets: Readonly<Partial<Record<Exclude<Preset, 'discussion'>, T>>>;
}
interface Choice<V extends readonly string[]> extends Described<V[number]> {
  readonly kind: 'choice';
  readonly values: V;
}
type ValueOf<S> = S extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
  ? V
  : S extends { readonly kind: 'flag' }
    ? boolean
    : S extends { readonly kind: 'count' | 'size' | 'duration' }
      ? number
      : string;

function choice<const V extends readonly [string, ...string[]]>(
  values: V,
  summary: string,
  byPreset: Choice<V>['presets'],
  standard: V[number] = values[0],
): Choice<V> {
  return { kind: 'choice', values, summary, default: standard, presets: byPreset };
}
function flag(summary: string, standard: boolean) {
  return { kind: 'flag', summary, default: standard, presets: {} } as const;
}
function line(max: number, summary: string) {
  return { kind: 'line', max, summary, default: '', presets: {} } as const;
}
function paragraph(max: number, summary: string, byPreset: Described<string>['presets'] = {}) {
  return { kind: 'paragraph', max, summary, default: '', presets: byPreset } as const;
}
function words(each: WordKind, summary: string) {
  return { kind: 'words', each, summary, default: '', presets: {} } as const;
}
function size(min: number, max: number, summary: string, standard: number) {
  return { kind: 'size', min, max, summary, default: standard, presets: {} } as const;
}
function duration(min: number, max: number, summary: string, standard: number) {
  return { kind: 'duration', min, max, summary, default: standard, presets: {} } as const;
}
function count(
  min: number,
  max: number,
  summary: string,
  standard: number,
  byPreset: Described<number>['presets'] = {},
) {
  return { kind: 'count', min, max, summary, default: standard, presets: byPreset } as const;
}
