/** A text in two: what its author wrote and what was quoted from others, both in their order. */
export interface QuotedText {
  readonly own: string;
  readonly quoted: string;
}

/** Outlook and its kin put the whole earlier mail below such a line, unmarked. */
const originalBelow =
  /^\s*(?:-{2,}\s*(?:original (?:message|appointment)|ursprüngliche nachricht|message d['’]origine|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|ursprungligt meddelande|original ?meddelelse|wiadomość oryginalna|исходное сообщение|原始邮件|元のメッセージ)\s*-{2,}|_{20,})\s*$/i;

/**
 * Splits by the marks that programs leave: `>` at the start of a line, and an "Original Message" line or Outlook's rule above a
 * header block. A heuristic for ranking and snippets; nothing is lost, each line is in one of the two.
 */
export function splitQuotes(text: string): QuotedText {
  const own: string[] = [];
  const quoted: string[] = [];
  let below = false;
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    below ||= isRule(line, lines[i + 1]);
    (below || /^\s{0,3}>/.test(line) ? quoted : own).push(line);
  }
  return { own: own.join('\n'), quoted: quoted.join('\n') };
}

function isRule(line: string, next = ''): boolean {
  if (line.length > 100 || !originalBelow.test(line)) return false;
  // A row of underscores alone may be a footer's.
  return !line.includes('__') || /^\s*\S{2,12}\s?:/.test(next);
}
