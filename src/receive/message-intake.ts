import type { Readable } from 'node:stream';
import type { MemoryBudget } from './memory-budget.ts';
import { MessageBuffer } from './message-buffer.ts';

export interface IntakeRules {
  readonly maxBytes: number;
  readonly budget: MemoryBudget;
  /** Where a large message is kept while it arrives. */
  readonly dir: string;
  readonly pace: Pace;
}

/** How slow a sender may be: each `window` brings `minBytes`, and all of it is there after `total` milliseconds. */
export interface Pace {
  readonly total: number;
  readonly window: number;
  readonly minBytes: number;
}

export type Intake =
  /** `release` gives the memory back once the bytes are not needed any more. */
  | { readonly kind: 'message'; readonly raw: Buffer; release(): Promise<void> }
  | { readonly kind: 'too-large' | 'no-room' | 'too-slow' | 'gone' };

/** `byteLength` counts what has arrived so far. */
export type MessageStream = Readable & { readonly byteLength: number };

/** Reads one message to its end. Too large a one is counted but not kept. Throws what the disk throws, except that it is full. */
export async function takeMessage(stream: MessageStream, rules: IntakeRules): Promise<Intake> {
  const buffer = MessageBuffer.open(rules.budget, rules.dir);
  if (!buffer) return { kind: 'no-room' };
  const watch = watchPace(stream, rules.pace);
  let kept = false;
  try {
    if (!(await fill(buffer, stream, rules.maxBytes))) return { kind: 'too-large' };
    watch.stop();
    const raw = await buffer.finish(rules.pace.window);
    if (!raw) return { kind: 'no-room' };
    kept = true;
    return { kind: 'message', raw, release: () => buffer.close() };
  } catch (error) {
    if (watch.tooSlow) return { kind: 'too-slow' };
    if (hasCode(error, 'ENOSPC', 'EDQUOT')) return { kind: 'no-room' };
    if (error === stream.errored || hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) return { kind: 'gone' };
    throw error;
  } finally {
    watch.stop();
    if (!kept) await buffer.close();
  }
}

async function fill(buffer: MessageBuffer, stream: MessageStream, maxBytes: number): Promise<boolean> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // Awaiting nothing would cost every small message a turn of the microtask queue a chunk.
    const waiting = stream.byteLength > maxBytes ? buffer.close() : buffer.add(chunk);
    if (waiting) await waiting;
  }
  return stream.byteLength <= maxBytes;
}

/** Destroys the stream of a sender who holds a session with a trickle (slowloris), which resets every idle timeout. */
function watchPace(stream: MessageStream, pace: Pace): { readonly tooSlow: boolean; stop(): void } {
  let seen = 0;
  let windows = 0;
  let tooSlow = false;
  const timer = setInterval(() => {
    windows += 1;
    tooSlow = stream.byteLength - seen < pace.minBytes || windows * pace.window >= pace.total;
    seen = stream.byteLength;
    if (tooSlow) stream.destroy(new Error('the message arrives too slowly'));
  }, pace.window);
  return {
    get tooSlow() {
      return tooSlow;
    },
    stop: () => clearInterval(timer),
  };
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
