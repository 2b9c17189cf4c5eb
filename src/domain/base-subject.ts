/** What a subject is about, and whether it says that it answers something. */
export interface BaseSubject {
  /** Lower case, without reply markers and `[tags]`; '' when nothing else is there. */
  readonly base: string;
  readonly isReply: boolean;
}

/**
 * Reply markers of the languages that mail programs write them in, with counters (`Re[2]:`, `Re^3:`, `AW(2):`) and the wide
 * colon of CJK input. Forward markers are none of these: a forwarded subject begins something new.
 */
const replyMarker =
  /^(?:re|aw|antw|antwort|sv|vs|ref|rép|rif|r|odp|ynt|vá|atb|回复|答复|回覆|返信|ответ|отв|απ|σχετ|השב|رد)(?:\[\d+\]|\^\d+|\(\d+\))?\s*[:：]\s*/iu;
const tag = /^\[[^\][]*\]\s*/;

/** As RFC 5256 §2.1 does for THREAD, but in more languages: markers and tags go from the front while something is left. */
export function baseSubject(subject: string): BaseSubject {
  let rest = subject.slice(0, longest).replace(/\s+/g, ' ').trim();
  let isReply = false;
  for (;;) {
    const marker = replyMarker.exec(rest)?.[0];
    if (marker !== undefined) isReply = true;
    const found = marker ?? tag.exec(rest)?.[0];
    if (found === undefined || (marker === undefined && found.length === rest.length)) break;
    rest = rest.slice(found.length);
  }
  return { base: rest.toLowerCase(), isReply };
}

/** Beyond this a subject tells nothing more about which conversation it belongs to; in characters. */
const longest = 200;
