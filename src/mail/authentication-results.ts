/** What a mail server says it found out about a mail, in one Authentication-Results field (RFC 8601 §2.2). */
export interface AuthenticationResults {
  /** Lower case. */
  readonly authservId: string;
  /** Empty: `none`, it looked at nothing. */
  readonly results: readonly MethodResult[];
}

export interface MethodResult {
  /** `dmarc`, `dkim`, `spf` …, lower case. */
  readonly method: string;
  /** `pass`, `fail`, `none` …, lower case. */
  readonly result: string;
  /** `header.from` → `example.org`; names in lower case, the first of each. */
  readonly properties: ReadonlyMap<string, string>;
  /** The comments, one after the other: where DMARC programs write the policy. */
  readonly comment: string;
}

/** Longer ones are nobody's: the field is written by a program of ours or a neighbour's. */
const limits = { length: 16 * 1024, results: 100, depth: 20 };

/**
 * Reads the unfolded value of a field. Strict, because a privilege hangs on it: undefined for whatever is not of RFC 8601's grammar. The
 * one exception is a property without a type (`action=none`), which Microsoft writes. Stricter in one thing: `readProperty`.
 */
export function readAuthenticationResults(value: string): AuthenticationResults | undefined {
  if (value.length > limits.length) return undefined;
  const reader: Reader = { text: value, at: 0, comment: '' };
  try {
    const authservId = readId(reader);
    const results: MethodResult[] = [];
    while (skipSpace(reader)) {
      take(reader, ';');
      skipSpace(reader);
      if (reader.at === value.length && results.length > 0) break; // Gmail ends its fields with a semicolon
      const result = readResult(reader);
      if (result) results.push(result);
      if (results.length > limits.results) return undefined;
    }
    return { authservId, results };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** The name in front, lower case, whatever follows it; undefined where there is none. */
export function readAuthservId(value: string): string | undefined {
  const reader: Reader = { text: value.slice(0, limits.length), at: 0, comment: '' };
  try {
    skipSpace(reader);
    return readValue(reader).toLowerCase();
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  /** Of the result that is being read. */
  comment: string;
}

class Malformed extends Error {}

/** The authserv-id and the version, which may only be 1. */
function readId(reader: Reader): string {
  skipSpace(reader);
  const id = readValue(reader);
  skipSpace(reader);
  if (reader.text[reader.at] !== ';' && reader.at < reader.text.length && readWord(reader) !== '1')
    throw new Malformed();
  if (id === '') throw new Malformed();
  return id.toLowerCase();
}

/** `method[/version]=result [reason=…] [type.property=value …]`; undefined for the word `none` of a server that looked at nothing. */
function readResult(reader: Reader): MethodResult | undefined {
  reader.comment = '';
  const method = readWord(reader).toLowerCase();
  skipSpace(reader);
  if (method === 'none' && reader.text[reader.at] !== '=') return undefined;
  if (reader.text[reader.at] === '/') {
    take(reader, '/');
    skipSpace(reader);
    if (readWord(reader) !== '1') throw new Malformed();
    skipSpace(reader);
  }
  take(reader, '=');
  skipSpace(reader);
  const result = readWord(reader).toLowerCase();
  const properties = new Map<string, string>();
  while (skipSpace(reader) && reader.text[reader.at] !== ';') {
    const [name, value] = readProperty(reader);
    if (!properties.has(name)) properties.set(name, value);
  }
  return { method, result, properties, comment: reader.comment };
}

function readProperty(reader: Reader): [name: string, value: string] {
  let name = readWord(reader);
  skipSpace(reader);
  if (reader.text[reader.at] === '.') {
    take(reader, '.');
    skipSpace(reader);
    name += `.${readWord(reader)}`;
    skipSpace(reader);
  }
  take(reader, '=');
  skipSpace(reader);
  const value = readValue(reader);
  // The grammar allows a comment right here, and nobody writes it: it is what is left of `legit.example(.forger.example`, the name of
  // a signature's domain that a careless program passed on as it stood (CVE-2020-12272).
  if (reader.text[reader.at] === '(') throw new Malformed();
  return [name.toLowerCase(), value];
}

function take(reader: Reader, character: string): void {
  if (reader.text[reader.at] !== character) throw new Malformed();
  reader.at += 1;
}

/** A keyword (RFC 8601 §2.2, RFC 5321): letters, digits, hyphens; some programs write underscores. */
function readWord(reader: Reader): string {
  return readWhile(reader, /[A-Za-z0-9_-]/);
}

/** A token, an address, a domain, or a quoted string without its marks. */
function readValue(reader: Reader): string {
  if (reader.text[reader.at] !== '"') return readWhile(reader, /[^ \t\r\n;()"\\]/);
  let value = '';
  for (reader.at += 1; reader.at < reader.text.length; reader.at++) {
    const character = reader.text[reader.at] ?? '';
    if (character === '"') {
      reader.at += 1;
      return value;
    }
    value += character === '\\' ? (reader.text[++reader.at] ?? '') : character;
  }
  throw new Malformed();
}

function readWhile(reader: Reader, pattern: RegExp): string {
  const start = reader.at;
  while (reader.at < reader.text.length && pattern.test(reader.text[reader.at] ?? '')) reader.at++;
  if (reader.at === start) throw new Malformed();
  return reader.text.slice(start, reader.at);
}

/** White space and comments (RFC 5322 §3.2.2), which nest. False at the end. Not `\s`: A0 is a byte of a UTF-8 character, as in `à`. */
function skipSpace(reader: Reader): boolean {
  for (; reader.at < reader.text.length; ) {
    const character = reader.text[reader.at] ?? '';
    if (character === '(') skipComment(reader);
    else if (/[ \t\r\n]/.test(character)) reader.at++;
    else return true;
  }
  return false;
}

function skipComment(reader: Reader): void {
  const start = reader.at + 1;
  let depth = 0;
  for (; reader.at < reader.text.length; reader.at++) {
    const character = reader.text[reader.at];
    if (character === '\\') reader.at++;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    if (depth > limits.depth) throw new Malformed();
    if (depth === 0) {
      reader.comment += `${reader.text.slice(start, reader.at)} `;
      reader.at += 1;
      return;
    }
  }
  throw new Malformed();
}
