import type { Socket } from 'node:net';

/** Writes to a connection, in order, without giving it more than a piece of a large message at a time. */
export interface OrderedWriter {
  /** Text is latin1. `done`: when all of it has left this process, or cannot. */
  write(data: string | Buffer, done?: Done): void;
  /** Closes our side behind all that was written. */
  end(text: string): void;
}

type Done = (error?: Error | null) => void;

/**
 * TLS encrypts at once whatever it is given: a mail of 25 MiB to a hundred connections would be 2.5 GB, and half a second in which nothing
 * else is done.
 */
export const pieceOfMessage = 256 * 1024;

interface Large {
  readonly bytes: Buffer;
  readonly done: Done | undefined;
}

export function createOrderedWriter(socket: Socket): OrderedWriter {
  /** A large message is on its way, and this comes behind it. */
  let behind: (() => void)[] | undefined;

  function writePieces({ bytes, done }: Large, from: number): void {
    const to = from + pieceOfMessage;
    const isLast = to >= bytes.length;
    socket.write(bytes.subarray(from, to), (error) => {
      if (!error && !isLast) return writePieces({ bytes, done }, to);
      done?.(error);
      goOn();
    });
  }

  function goOn(): void {
    const left = behind ?? [];
    behind = undefined;
    for (const write of left) write();
  }

  function write(data: string | Buffer, done?: Done): void {
    if (behind) behind.push(() => write(data, done));
    else if (typeof data === 'string') socket.write(data, 'latin1', done);
    else if (data.length <= pieceOfMessage) socket.write(data, done);
    else {
      behind = [];
      writePieces({ bytes: data, done }, 0);
    }
  }

  function end(text: string): void {
    if (behind) behind.push(() => end(text));
    else socket.end(text);
  }

  return { write, end };
}
