import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOrderedWriter, pieceOfMessage } from '../../src/deliver/ordered-writer.ts';

/** Two ends of one connection; nothing is read at the far one before it is asked for. */
async function openConnection(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  near.on('error', () => {});
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

async function readAll(far: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of far) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('what is written to a connection', () => {
  test.each([
    ['one piece', pieceOfMessage],
    ['an octet more', pieceOfMessage + 1],
    ['two pieces', 2 * pieceOfMessage],
    ['many', 25 * 1024 * 1024],
  ])('arrives in its order: a message of %s, and what is around it', async (_, bytes) => {
    const { near, far } = await openConnection();
    const writer = createOrderedWriter(near);
    const message = Buffer.alloc(bytes, 'abcdefg');
    const done: string[] = [];
    writer.write('DATA\xe9', () => done.push('before'));
    writer.write(message, (error) => done.push(`message ${error ?? 'went'}`));
    writer.write('MAIL', () => done.push('behind'));
    writer.write(message, (error) => done.push(`again ${error ?? 'went'}`));
    writer.end('QUIT');
    const arrived = await readAll(far);
    const wanted = Buffer.concat([Buffer.from('DATA\xe9', 'latin1'), message, Buffer.from('MAIL'), message]);
    expect(arrived.equals(Buffer.concat([wanted, Buffer.from('QUIT')]))).toBe(true);
    expect(done).toEqual(['before', 'message went', 'behind', 'again went']);
  });

  test('is never more than a piece, however slow the other end is', async () => {
    const { near, far } = await openConnection();
    let most = 0;
    const write = near.write.bind(near);
    near.write = ((...given: Parameters<typeof write>) => {
      const wrote = write(...given);
      most = Math.max(most, near.writableLength);
      return wrote;
    }) as typeof near.write;
    const writer = createOrderedWriter(near);
    writer.write(Buffer.alloc(25 * 1024 * 1024));
    writer.end('QUIT');
    await readAll(far);
    expect(most).toBeLessThanOrEqual(pieceOfMessage);
  });

  test('is told of when the connection is lost in the middle of a message', async () => {
    const { near, far } = await openConnection();
    const writer = createOrderedWriter(near);
    const told = new Promise((resolve) => {
      writer.write(Buffer.alloc(25 * 1024 * 1024), resolve);
    });
    const behind = new Promise((resolve) => {
      writer.write('MAIL', resolve);
    });
    far.destroy();
    expect(await told).toBeInstanceOf(Error);
    expect(await behind).toBeInstanceOf(Error);
  });
});
