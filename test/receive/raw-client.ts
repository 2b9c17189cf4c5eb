import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A client that sends exactly what it is told, and hands out replies one by one. */
export class RawClient {
  #socket: Socket | TLSSocket;
  #text = '';
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async open(to: NetConnectOpts): Promise<RawClient> {
    const socket = connect(to);
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** As it is: line ends are the caller's. */
  write(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Waits until the kernel took the bytes. */
  async writeAll(bytes: Buffer): Promise<void> {
    if (!this.#socket.write(bytes))
      await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
  }

  /** One whole reply, its lines joined by CRLF without the last one; undefined when the server closed the connection. */
  async reply(): Promise<string | undefined> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text);
      if (match) {
        this.#text = this.#text.slice(match[0].length);
        return match[0].slice(0, -2);
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string): Promise<string | undefined> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Everything from the greeting up to the answer to DATA. */
  async openData(from: string, to: string, hello = 'EHLO client.example'): Promise<void> {
    await this.reply();
    for (const line of [hello, `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
      const answer = await this.say(line);
      if (!/^[23]/.test(answer ?? '')) throw new Error(`${line}: ${answer ?? 'closed'}`);
    }
  }

  /** Continues inside TLS; the peer's certificate is not judged but told. */
  async startTls(): Promise<string> {
    this.#socket.removeAllListeners();
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    this.#socket = secure;
    this.#listen();
    await once(secure, 'secureConnect');
    return String(secure.getPeerCertificate().subject.CN);
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#wake?.();
    });
    for (const event of ['end', 'close', 'error']) {
      this.#socket.on(event, () => {
        this.#ended = true;
        this.#wake?.();
      });
    }
  }
}
