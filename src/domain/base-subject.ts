import { leadingReplyMarker } from './reply-marker.ts';

/** What a subject is about, and whether it says that it answers something. */
export interface BaseSubject {
  /** Lower case, without reply markers and `[tags]`; '' when nothing else is there. */
  readonly base: string;
  readonly isReply: boolean;
}

const tag = /^\[[^\][]*\]\s*/;

/** As RFC 5256 §2.1 does for THREAD, but in more languages: markers and tags go from the front while something is left. */
export function baseSubject(subject: string): BaseSubject {
  let rest = subject.slice(0, longest).replace(/\s+/g, ' ').trim();
  let isReply = false;
  for (;;) {
    const marker = leadingReplyMarker(rest);
    if (marker !== '') isReply = true;
    const found = marker || tag.exec(rest)?.[0];
    if (found === undefined || (marker === '' && found.length === rest.length)) break;
    rest = rest.slice(found.length);
  }
  return { base: rest.toLowerCase(), isReply };
}

/** Beyond this a subject tells nothing more about which conversation it belongs to; in characters. */
const longest = 200;
