import { MessageChannel } from 'node:worker_threads';

/** Bytes that came from another thread, which arrive as a plain array, as a Buffer over the same memory. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Bytes whose block of memory may be given to another thread: theirs, where they fill a good part of it, and are lost here then; else a copy. */
export function ownBytes(bytes: Buffer): Buffer<ArrayBuffer> {
  const { buffer } = bytes;
  // Node's pool of small buffers must stay.
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize;
  return isOwn && bytes.length > buffer.byteLength / 8
    ? (bytes as Buffer<ArrayBuffer>)
    : Buffer.from(new Uint8Array(bytes).buffer);
}

/** Smaller blocks are left to the garbage collector; nor are they anybody's alone. */
const worthwhile = 1 << 20;

/** Nobody is at its other end: what is given to it is freed. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Frees the memory of bytes that nobody looks at any more, with the whole block that they are part of: they are empty then. The garbage
 * collector would leave it for seconds, because a mail of 25 MB is next to nothing in its own heap. Never of bytes that a socket or another
 * thread may still be reading: they are not asked.
 */
export function discard({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= worthwhile)
    nowhere.postMessage(undefined, [buffer]);
}
