/**
 * Where each key of a TOML file stands. smol-toml gives positions for broken syntax only; this reads the same text again, knowing
 * that it is valid, just closely enough to find the keys: tables, dotted keys, inline tables, and values it must not mistake for keys.
 */
export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Dotted path → place; an array of tables counts as one table. `toml` must be valid. */
export function locateKeys(toml: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const cursor = { text: toml, at: 0 };
  let table: readonly string[] = [];
  for (;;) {
    skip(cursor, blank);
    if (cursor.at >= toml.length) return places;
    const start = cursor.at;
    const brackets = match(cursor, /\[{1,2}/y);
    if (brackets) {
      table = readKey(cursor);
      skip(cursor, /[\s\]]*/y);
      note(places, table, placeOf(toml, start));
    } else {
      readPair(cursor, table, places);
    }
  }
}

/** The place of the key, or of the nearest table around it. */
export function placeOfPath(places: ReadonlyMap<string, Place>, path: string): Place | undefined {
  for (let rest = path; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('.')))) {
    const place = places.get(rest);
    if (place) return place;
  }
  return undefined;
}

interface Cursor {
  readonly text: string;
  at: number;
}

const blank = /(?:[\s,]|#[^\n]*)*/y;
const keyPart = /\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))\s*/y;
const string = /"""(?:[^\\]|\\.)*?"{3,5}|'''.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/sy;
const bare = /[^\s,[\]{}#"']+/y;

function readPair(cursor: Cursor, table: readonly string[], places: Map<string, Place>): void {
  const start = cursor.at;
  const path = [...table, ...readKey(cursor)];
  // A text without a key here is not valid TOML: step over one character rather than stand still.
  if (cursor.at === start) cursor.at += 1;
  note(places, path, placeOf(cursor.text, start));
  skip(cursor, /\s*=\s*/y);
  readValue(cursor, path, places);
}

function readValue(cursor: Cursor, path: readonly string[], places: Map<string, Place>): void {
  if (match(cursor, string)) return;
  const open = match(cursor, /[[{]/y);
  if (!open) {
    // A date may hold one space: `1979-05-27 07:32:00`.
    match(cursor, /\d{4}-\d\d-\d\d \d\d:[\d:.]+\S*/y) ?? match(cursor, bare);
    return;
  }
  for (;;) {
    skip(cursor, blank);
    if (cursor.at >= cursor.text.length || match(cursor, /[\]}]/y)) return;
    const before = cursor.at;
    if (open === '{') readPair(cursor, path, places);
    else readValue(cursor, path, places);
    if (cursor.at === before) cursor.at += 1;
  }
}

function readKey(cursor: Cursor): string[] {
  const parts: string[] = [];
  do {
    keyPart.lastIndex = cursor.at;
    const found = keyPart.exec(cursor.text);
    if (!found) break;
    cursor.at = keyPart.lastIndex;
    parts.push(found[1] ?? found[2] ?? found[3] ?? '');
  } while (match(cursor, /\./y));
  return parts;
}

function note(places: Map<string, Place>, path: readonly string[], place: Place): void {
  // `smtp.listen = …` is also the first place where smtp is named.
  for (let length = 1; length <= path.length; length++) {
    const name = path.slice(0, length).join('.');
    if (length === path.length || !places.has(name)) places.set(name, place);
  }
}

function placeOf(text: string, at: number): Place {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

function skip(cursor: Cursor, pattern: RegExp): void {
  match(cursor, pattern);
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at = pattern.lastIndex;
  return found;
}
