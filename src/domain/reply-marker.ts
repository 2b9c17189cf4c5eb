/**
 * Reply markers of the languages that mail programs write them in, with counters (`Re[2]:`, `Re^3:`, `AW(2):`) and the wide
 * colon of CJK input. Forward markers (`Fwd:`, `WG:`, `TR:`, `I:`, `转发：`) are none of these: a forwarded subject begins something new.
 */
const replyMarker =
  /^(?:re|aw|antw|antwort|sv|vs|ref|rép|rif|r|odp|ynt|vá|atb|回复|答复|回覆|返信|ответ|отв|απ|σχετ|השב|رد)(?:\[\d+\]|\^\d+|\(\d+\))?\s*[:：]\s*/iu;

/** The marker at the very beginning, with the white space behind it; '' where there is none. */
export function leadingReplyMarker(subject: string): string {
  return replyMarker.exec(subject)?.[0] ?? '';
}
