/** The words of the command language (email.md §2.3): LISTSERV's, Majordomo's, Mailman's and Sympa's for the same things. */
const verbs = {
  help: ['help', 'info', '?', 'hilfe', 'aide', 'ayuda'],
  lists: ['lists'],
  which: ['which'],
  join: ['join', 'subscribe', 'sub'],
  leave: ['leave', 'unsubscribe', 'unsub', 'signoff'],
  confirm: ['confirm', 'ok', 'auth'],
  cancel: ['cancel'],
  set: ['set'],
  vacation: ['vacation'],
  name: ['name'],
  address: ['address'],
  status: ['status', 'query'],
  who: ['who', 'review'],
  index: ['index'],
  get: ['get'],
  search: ['search'],
  approve: ['approve'],
  reject: ['reject'],
  discard: ['discard'],
  pending: ['pending'],
  invite: ['invite'],
  add: ['add'],
  remove: ['remove'],
  moderate: ['moderate'],
  unmoderate: ['unmoderate'],
  ban: ['ban'],
  allow: ['allow'],
  forget: ['forget', 'unban', 'unallow'],
  hold: ['hold'],
  free: ['free', 'unhold'],
  lock: ['lock'],
  unlock: ['unlock'],
} as const;

export type Verb = keyof typeof verbs;

const byWord: ReadonlyMap<string, Verb> = new Map(
  (Object.entries(verbs) as [Verb, readonly string[]][]).flatMap(([verb, words]) =>
    words.map((word) => [word, verb] as const),
  ),
);

const stopWords: ReadonlySet<string> = new Set(['end', 'quit', 'stop', '.', '--', 'exit']);

/** A line that ends a command mail, whatever follows. */
export function isStopWord(line: string): boolean {
  return stopWords.has(line.toLowerCase());
}

/** The verb a line begins with and what follows it; with `abbreviated` any prefix of 3 letters or more that fits one verb only. */
export function findVerb(line: string, abbreviated: boolean): { verb: Verb; rest: string } | undefined {
  const space = line.search(/\s/);
  const word = (space === -1 ? line : line.slice(0, space)).toLowerCase().replace(/[:,;]$/, '');
  const verb = byWord.get(word) ?? (abbreviated ? findPrefix(word) : undefined);
  return verb && { verb, rest: space === -1 ? '' : line.slice(space + 1).trim() };
}

function findPrefix(prefix: string): Verb | undefined {
  if (prefix.length < 3) return undefined;
  const found = new Set([...byWord].filter(([word]) => word.startsWith(prefix)).map(([, verb]) => verb));
  const [only, ...others] = found;
  return others.length === 0 ? only : undefined;
}
