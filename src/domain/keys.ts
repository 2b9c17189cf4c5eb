/** The secrets that signed tokens are made with. */
export interface HmacKeys {
  /** 256 bits each, newest first, never empty. A token is made with the first and believed with any. */
  readonly secrets: readonly [Buffer, ...Buffer[]];
}
