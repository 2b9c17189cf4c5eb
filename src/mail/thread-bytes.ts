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
