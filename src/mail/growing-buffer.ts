/** The part of a stream that is being looked at: grows at the end by `want`, shrinks at the start by `drop`. */
export class GrowingBuffer {
  readonly #source: AsyncIterator<Uint8Array>;
  #bytes = Buffer.alloc(1 << 16);
  #start = 0;
  #end = 0;
  #passed = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Bytes dropped so far. */
  get passed(): number {
    return this.#passed;
  }

  /** The stream has nothing more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads until there are that many bytes; false when the stream ends before. */
  async want(length: number): Promise<boolean> {
    while (this.length < length && !this.#ended) {
      const { done, value } = await this.#source.next();
      if (done) this.#ended = true;
      else this.#append(value);
    }
    return this.length >= length;
  }

  /** Looks no further than before `to`. */
  indexOf(text: string, from: number, to = this.length): number {
    return this.#bytes.subarray(this.#start, this.#start + to).indexOf(text, from, 'latin1');
  }

  at(index: number): number | undefined {
    return index < this.length ? this.#bytes[this.#start + index] : undefined;
  }

  /** Bytes as a latin1 string. */
  text(from: number, to: number): string {
    return this.#bytes.toString('latin1', this.#start + from, Math.min(this.#start + to, this.#end));
  }

  /** The first bytes, as a view: use it before the next call. */
  head(length: number): Buffer {
    return this.#bytes.subarray(this.#start, Math.min(this.#start + length, this.#end));
  }

  drop(length: number): void {
    this.#start += length;
    this.#passed += length;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (this.#end + chunk.length > this.#bytes.length) this.#move(needed);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** To the front, in a buffer twice as large where it does not fit: so each byte is moved a few times at most. */
  #move(needed: number): void {
    const size = needed * 2 > this.#bytes.length ? needed * 2 : this.#bytes.length;
    const next = size > this.#bytes.length ? Buffer.alloc(size) : this.#bytes;
    this.#bytes.copy(next, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#bytes = next;
  }
}
