import type { TriedPost } from '../operations/rules/tried-posts.ts';
import type { Output } from './output.ts';
import { isoTime, shortTime } from './output.ts';

/** What `--dry-run` prints: the posts that a rule would have been about. `would`: what would have become of them, “held”. */
export function reportTried(
  output: Output,
  { of, posts }: { readonly of: number; readonly posts: readonly TriedPost[] },
  { would, rule }: { readonly would: string; readonly rule: string },
): void {
  output.rows(posts, {
    columns: [
      ['post', (row) => row.id],
      ['date', (row) => shortTime(row.sentAt)],
      ['from', (row) => row.authorEmail],
      ['subject', (row) => row.subject],
    ],
    json: ({ authorEmail, sentAt, ...post }) => ({ ...post, author: authorEmail, sentAt: isoTime(sentAt) }),
    none: `None of the last ${of} posts is about ${rule}.`,
  });
  if (posts.length > 0)
    output.note(
      `${posts.length} of the last ${of} posts would have been ${would} by ${rule}. Nothing was changed.`,
    );
}
