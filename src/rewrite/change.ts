/** One thing in which what goes out differs from what came in, for `rewrite explain`: every rewriting step reports its own. */
export interface Change {
  /** A header field by its name, or a part of the body: `Subject`, `text part 1.2`. */
  readonly what: string;
  /** A clause: `the list’s tag`, `it would tell who is on the list`. */
  readonly why: string;
  /** What stood there: a field's unfolded value. Absent where something is added. */
  readonly before?: string;
  /** What stands there now. Absent where something is taken away. */
  readonly after?: string;
}
