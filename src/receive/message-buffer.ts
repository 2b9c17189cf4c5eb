import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemoryBudget } from './memory-budget.ts';
import { inSpoolFolder } from './spool-folder.ts';

/** What a message takes of the budget as soon as it begins, in bytes: most never need more. */
export const firstBlock = 16 * 1024;
/** A message grows in memory up to this, in bytes; then it goes to a file while it arrives. */
const largestBlock = 1024 * 1024;

/**
 * The bytes of one message while they arrive. They are copied into one growing block: a list of chunks would pin a 64 KiB
 * socket buffer for each few bytes of a sender who dots every line.
 */
export class MessageBuffer {
  readonly #budget: MemoryBudget;
  readonly #dir: string;
  #block: Buffer | undefined;
  #length = 0;
  #held = 0;
  #file: FileHandle | undefined;
  #spooled = 0;

  /** Takes a first block; undefined when the budget is spent. `dir` holds the file of a large message. */
  static open(budget: MemoryBudget, dir: string): MessageBuffer | undefined {
    return budget.tryTake(firstBlock) ? new MessageBuffer(budget, dir) : undefined;
  }

  private constructor(budget: MemoryBudget, dir: string) {
    this.#budget = budget;
    this.#dir = dir;
    this.#held = firstBlock;
    this.#block = Buffer.allocUnsafe(firstBlock);
  }

  /** A promise only where it has to wait for the disk: the caller waits too, so the sender does. */
  add(chunk: Buffer): Promise<void> | undefined {
    if (!this.#block) return undefined;
    const needed = this.#length + chunk.length;
    if (needed > this.#block.length && (this.#file || !this.#grow(needed))) return this.#spool(chunk);
    this.#append(chunk);
    return undefined;
  }

  /**
   * The whole message; the memory it is in stays taken until `close`. Undefined when the budget had no room for a spooled one
   * within `patience` milliseconds.
   */
  async finish(patience: number): Promise<Buffer | undefined> {
    if (!this.#file) return this.#block?.subarray(0, this.#length);
    // Whoever waits holds nothing: else enough half-done messages could wait for each other.
    await this.#flush(this.#file);
    this.#releaseBlock();
    if (!(await this.#budget.take(this.#spooled, patience))) return undefined;
    this.#held = this.#spooled;
    return readWhole(this.#file, this.#spooled);
  }

  /** Gives memory and file back; may be called twice. */
  async close(): Promise<void> {
    this.#releaseBlock();
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #append(chunk: Buffer): void {
    if (this.#block) this.#length += chunk.copy(this.#block, this.#length);
  }

  #grow(needed: number): boolean {
    if (!this.#block || needed > largestBlock) return false;
    let size = this.#block.length;
    while (size < needed) size *= 2;
    if (!this.#budget.tryTake(size - this.#block.length)) return false;
    this.#held += size - this.#block.length;
    const larger = Buffer.allocUnsafe(size);
    this.#block.copy(larger, 0, 0, this.#length);
    this.#block = larger;
    return true;
  }

  async #spool(chunk: Buffer): Promise<void> {
    this.#file ??= await openUnlinked(this.#dir);
    await this.#flush(this.#file);
    if (chunk.length <= (this.#block?.length ?? 0)) return this.#append(chunk);
    await this.#file.writeFile(chunk);
    this.#spooled += chunk.length;
  }

  async #flush(file: FileHandle): Promise<void> {
    if (!this.#block || this.#length === 0) return;
    await file.writeFile(this.#block.subarray(0, this.#length));
    this.#spooled += this.#length;
    this.#length = 0;
  }

  #releaseBlock(): void {
    this.#block = undefined;
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}

/** A private file without a name: a crash leaves nothing behind. */
async function openUnlinked(dir: string): Promise<FileHandle> {
  const path = join(dir, `${randomBytes(12).toString('hex')}.part`);
  const file = await inSpoolFolder(dir, () => open(path, 'wx+', 0o600));
  await rm(path, { force: true });
  return file;
}

async function readWhole(file: FileHandle, bytes: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(whole, at, bytes - at, at);
    if (bytesRead === 0) throw new Error(`the spool file ended at ${at} of ${bytes} bytes`);
    at += bytesRead;
  }
  return whole;
}
