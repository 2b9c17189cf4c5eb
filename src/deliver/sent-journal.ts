import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { follows, type Settlement } from '../store/settle.ts';

export type Sent = Extract<Settlement, { kind: 'sent' }>;

/**
 * What the next hop has taken and the database does not know yet: a file that one short write a turn of the event loop keeps true. A
 * process that is killed leaves it behind, and the next one repeats nothing of it; so the database can be told in batches, which
 * costs a fifth of telling it at once. A power cut may take the file, as it may take a settlement that was not synced.
 */
export interface SentJournal {
  /** What an earlier process left. It is in the file until `written` says otherwise. */
  readonly left: readonly Sent[];
  /** Before another copy goes out. False where the file cannot be written: then only the database is left. */
  note(sent: readonly Sent[]): boolean;
  /** Everything that was noted is in the database now, but for these. */
  written(outstanding: readonly Sent[]): void;
  /** Nothing is outstanding, and nothing more will be noted. */
  close(): void;
}

/** The file is begun anew from this size on, in bytes: some ten thousand copies. */
const rewriteAt = 1024 * 1024;

/** Throws where the file can be neither read nor made. */
export function openSentJournal(file: string): SentJournal {
  const text = readIfThere(file);
  const left = readLines(text);
  let descriptor = openSync(file, 'a', 0o600);
  // What was left goes as soon as it is written.
  let bytes = text === '' ? 0 : rewriteAt;
  /** The last line was cut short, by a full disk or the end of a process. */
  let torn = text !== '' && !text.endsWith('\n');

  /** Throws where it could not be written whole. */
  function append(lines: string): void {
    const whole = torn ? `\n${lines}` : lines;
    torn = true;
    const written = writeSync(descriptor, whole, null, 'latin1');
    bytes += written;
    if (written < whole.length) throw new Error('a line was cut short');
    torn = false;
  }

  function empty(): void {
    ftruncateSync(descriptor);
    bytes = 0;
    torn = false;
  }

  /** Whole or not at all, whenever the process ends. */
  function beginAnew(outstanding: readonly Sent[]): void {
    const fresh = `${file}.new`;
    rmSync(fresh, { force: true });
    const opened = openSync(fresh, 'a', 0o600);
    try {
      const lines = linesOf(outstanding);
      if (writeSync(opened, lines, null, 'latin1') < lines.length) throw new Error('a line was cut short');
      renameSync(fresh, file);
      bytes = lines.length;
      torn = false;
    } catch (error) {
      closeSync(opened);
      throw error;
    }
    closeSync(descriptor);
    descriptor = opened;
  }

  return {
    left,
    note(sent) {
      try {
        append(linesOf(sent));
        return true;
      } catch {
        return false;
      }
    },
    written(outstanding) {
      try {
        if (outstanding.length === 0 && bytes > 0) empty();
        else if (bytes >= rewriteAt) beginAnew(outstanding);
      } catch {
        // It grows on; a full disk is told of by whoever writes the database.
      }
    },
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
}

/** A line for each, or for neighbours with one answer: `ID CODE REPLY` or `FIRST-LAST CODE REPLY`. The reply is one line, as its reader made it. */
function linesOf(sent: readonly Sent[]): string {
  let lines = '';
  let first: Sent | undefined;
  for (const [i, each] of sent.entries()) {
    first ??= each;
    const next = sent[i + 1];
    if (next && follows(each, next)) continue;
    const ids = first === each ? `${each.id}` : `${first.id}-${each.id}`;
    lines += `${ids} ${each.code} ${each.reply}\n`;
    first = undefined;
  }
  return lines;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** The ids and the code of a line that was cut short are whole where something follows them. */
function readLines(text: string): Sent[] {
  return text.split('\n').flatMap((line) => {
    const [, first, last = first, code, reply = ''] =
      /^(\d{1,15})(?:-(\d{1,15}))? (\d{3}) (.*)$/.exec(line) ?? [];
    const count = Number(last) - Number(first) + 1;
    return first === undefined
      ? []
      : Array.from({ length: count }, (_, i) => ({
          kind: 'sent',
          id: Number(first) + i,
          code: Number(code),
          reply,
        }));
  });
}
