/**
 * The value of a field of theirs, for a field of ours; undefined where there is none, or it holds raw 8-bit bytes or a word longer than a
 * line: they are in no field of ours. `value` is the unfolded field.
 */
export function quote(value: string): string | undefined {
  const isQuotable = value !== '' && /^[\t\x20-\x7e]+$/.test(value) && !/\S{500}/.test(value);
  return isQuotable ? value : undefined;
}
