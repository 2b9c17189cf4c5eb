/** Who decided, for a table: from describeActor, whose own words stay what programs read. */
export function describeWho(described: string): string {
  const at = described.indexOf(':');
  const kind = at < 0 ? described : described.slice(0, at);
  const rest = described.slice(at + 1);
  switch (kind) {
    case 'operator':
      return rest === 'cli' ? 'the operator' : `the operator, by ${rest}`;
    case 'system':
      return 'the program itself';
    default:
      return rest;
  }
}
