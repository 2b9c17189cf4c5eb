import { readFileSync } from 'node:fs';
import type { RawClient } from './raw-client.ts';

/**
 * A conversation as a text file. `c text` sends a line; `s text` reads one whole reply whose last line begins with the text, or
 * `s closed`; `@ name` asks for a listener with that option; `#` and empty lines say why. `\r \n \0 \xNN` stand for bytes, and a
 * `\` at the end of a c line leaves out its CRLF.
 */
export interface Dialogue {
  readonly options: readonly string[];
  readonly steps: readonly Step[];
}
interface Step {
  readonly line: number;
  readonly kind: 'c' | 's';
  readonly text: string;
}

export function readDialogue(path: string): Dialogue {
  const lines = readFileSync(path, 'utf8').split('\n');
  const steps = lines.flatMap((text, i): Step[] => {
    const kind = text[0];
    if (kind !== 'c' && kind !== 's') return [];
    return [{ line: i + 1, kind, text: text.slice(2) }];
  });
  return { options: lines.filter((l) => l.startsWith('@ ')).map((l) => l.slice(2)), steps };
}

/** Plays the client's part and throws at the first reply that is not as written. */
export async function play(dialogue: Dialogue, client: RawClient): Promise<void> {
  for (const { line, kind, text } of dialogue.steps) {
    if (kind === 'c') {
      client.write(bytesOf(text.endsWith('\\') ? text.slice(0, -1) : `${text}\r\n`));
      continue;
    }
    const reply = await client.reply();
    const last = reply?.split('\r\n').at(-1) ?? 'closed';
    if (!last.startsWith(text))
      throw new Error(`line ${line}: expected "${text}", got "${reply ?? 'closed'}"`);
  }
}

function bytesOf(text: string): string {
  return text.replace(/\\(?:([rn0])|x([0-9a-f]{2}))/g, (_, letter: string | undefined, hex: string) =>
    letter ? ({ r: '\r', n: '\n', '0': '\0' }[letter] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
