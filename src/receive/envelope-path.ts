/**
 * Reading `MAIL FROM:<…>` and `RCPT TO:<…>`. smtp-server checks the syntax; the address is taken from the line itself, because
 * smtp-server decodes A-labels to Unicode, where two spellings of one domain, and `xn--` forms of ASCII names, meet.
 */

/** A client that leaves out the brackets (RFC 5321 Appendix D has none that does, real ones do) is understood as Postfix would. */
export function addBrackets(command: string): string {
  return command.replace(/^((?:MAIL FROM|RCPT TO):) *([^\s<>]+@[^\s<>]+)(?= |$)/i, '$1<$2>');
}

/** What is between the brackets, without a source route, which is accepted and ignored (RFC 5321 Appendix C). */
export function readPath(command: string): string {
  const path = /<([^<>]*)>/.exec(command)?.[1] ?? '';
  return path.replace(/^@[^\s,:@]+(?:,@[^\s,:@]+)*:/, '');
}

/** Parameters we did not offer are an error, not a promise (RFC 5321 §4.1.1.11); the first such keyword. */
export function findUnknownParameter(args: object | false, known: readonly string[]): string | undefined {
  return Object.keys(args || {}).find((keyword) => !known.includes(keyword));
}
