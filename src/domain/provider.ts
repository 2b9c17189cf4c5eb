/** How many connections at once a provider of mailboxes takes from a stranger (email.md §7.4), by the names of its mail servers. */
const providers: readonly (readonly [suffix: string, connections: number])[] = [
  ['google.com', 10],
  ['googlemail.com', 10],
  ['outlook.com', 5],
  ['yahoodns.net', 5],
];

/** Anybody else: few at first, more once mail has gone well. */
const connectionsToStranger = { first: 3, most: 5 } as const;

export function connectionsTo(host: string): { readonly first: number; readonly most: number } {
  const known = providers.find(([suffix]) => isUnder(host, suffix));
  return known ? { first: known[1], most: known[1] } : connectionsToStranger;
}

/** `mx.example.org` is under `example.org`, and under itself. */
export function isUnder(host: string, suffix: string): boolean {
  return host === suffix || host.endsWith(`.${suffix}`);
}
