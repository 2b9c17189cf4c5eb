/**
 * JSON that a query may look into on either engine: PostgreSQL's jsonb has neither NUL nor half a surrogate pair, and a text that was cut may end with
 * one. A replacement character stands for each.
 */
export function storedJson(value: unknown): string {
  const json = JSON.stringify(value);
  return suspicious.test(json) ? JSON.stringify(value, wellFormed) : json;
}

/** As JSON.stringify writes them. */
const suspicious = /\\u(?:0000|d[89a-f])/;

function wellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/[\0\p{Cs}]/gu, '\ufffd') : value;
}
