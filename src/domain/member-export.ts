import { csvCell } from './csv.ts';

/** Exports read back as imports: the same columns, and the state for whoever wants it. */
export const exportHeader = 'email,name,mode,role,joined,posting,state\n';

/** A line of an export. */
export function exportLine(member: {
  readonly email: string;
  readonly name: string;
  readonly mode: string;
  readonly role: string;
  /** ISO 8601. */
  readonly joinedAt: string;
  readonly posting: string;
  readonly state: string;
}): string {
  const { email, name, mode, role, joinedAt, posting, state } = member;
  return `${[email, guard(name), mode, role, joinedAt, posting, state].map(csvCell).join(',')}\n`;
}

/** A spreadsheet runs a cell that begins like this as a formula, and people choose their names themselves; imports take it off. */
function guard(name: string): string {
  return /^[=+\-@]/.test(name) ? `'${name}` : name;
}
