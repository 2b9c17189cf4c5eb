import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What a post says, as `post_texts` keeps it: deflated UTF-8. Small texts, so synchronous: tens of microseconds. */
export function deflateText(text: string): Buffer {
  return deflateRawSync(Buffer.from(text), { level: 6 });
}

export function inflateText(bytes: Buffer): string {
  return inflateRawSync(bytes).toString();
}
