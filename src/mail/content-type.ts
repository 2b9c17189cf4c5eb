/** A Content-Type or Content-Disposition value: its first word in lower case, and the parameters by lower-case name. */
export interface Parameters {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const maxLength = 4000;
const maxParameters = 50;

/** RFC 2045 §5.1, tolerant: what cannot be read is skipped. Of two parameters with one name the first counts. */
export function readParameters(value: string): Parameters {
  const text = value.slice(0, maxLength);
  const type = /^[^;\s]*/.exec(text)?.[0].toLowerCase() ?? '';
  const parameters = new Map<string, string>();
  let at = text.indexOf(';');
  for (let count = 0; at !== -1 && at < text.length && count < maxParameters; count++) {
    const equals = text.indexOf('=', at);
    if (equals === -1) break;
    // Programs write several semicolons, and others read on.
    const name = text
      .slice(at, equals)
      .replace(/^[;\s]+/, '')
      .trim()
      .toLowerCase();
    const { content, next } = readValue(text, equals + 1);
    if (!parameters.has(name)) parameters.set(name, content);
    at = text.indexOf(';', next);
  }
  return { type, parameters };
}

function readValue(text: string, start: number): { content: string; next: number } {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  if (text[at] !== '"') {
    const end = text.indexOf(';', at);
    const next = end === -1 ? text.length : end;
    return { content: text.slice(at, next).trim(), next };
  }
  let content = '';
  for (at++; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === '\\') at++;
    content += text[at] ?? '';
  }
  return { content, next: at + 1 };
}
