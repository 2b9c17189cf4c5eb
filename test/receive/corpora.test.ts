import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawClient } from './raw-client.ts';
import { message, type Started, start } from './test-door.ts';

const corpora = process.env.LISTWRIGHT_CORPORA;
const folder = (name: string) => join(corpora ?? '', name);

describe.skipIf(!corpora)('corpus smtp-smuggling', () => {
  const vectors: { name: string; end_of_data_hex: string }[] = corpora
    ? JSON.parse(readFileSync(join(folder('smtp-smuggling'), 'vectors.json'), 'utf8'))
    : [];
  const smuggled = `MAIL FROM:<smuggled@example.com>\r\nRCPT TO:<bees@lists.example.org>\r\nDATA\r\n${message()}.\r\n`;

  it.each(vectors)(
    '$name: one message at most, and none with a stray byte',
    async ({ end_of_data_hex: hex }) => {
      const server = await start();
      const peer = await server.client();
      await peer.openData('alice@example.com', 'birds@lists.example.org');
      // All of it in one segment: the second envelope is there before anybody could answer.
      peer.write(Buffer.concat([Buffer.from(message()), Buffer.from(hex, 'hex'), Buffer.from(smuggled)]));
      expect(await peer.reply()).toMatch(/^550 5\.(5\.2|6\.0) /);
      expect(await peer.say('NOOP')).toMatch(/^250 2\.0\.0 OK/);
      expect(server.door.mails).toEqual([]);
      peer.destroy();
      await server.stop();
    },
  );
});

/** `c -> line`, `c ~> python expression`, `c <- exact`, `c <~ regex`, `c <... text`, `c close`, `c tcp_connect …`. */
describe.skipIf(!corpora)('corpus smtp-dialogs', () => {
  const files = corpora
    ? readdirSync(folder('smtp-dialogs')).filter((name) => name.endsWith('.cmy') && !name.startsWith('auth'))
    : [];
  let server: Started;
  beforeAll(async () => {
    // The server of the corpus knows user@testserver; ours knows birds@lists.example.org, taken from the 1 MiB the dialogue assumes.
    server = await start({ maxSize: 1024 * 1024, limits: { maxErrors: 20 } });
  });
  afterAll(() => server.stop());

  it.each(files)('%s', async (name) => {
    let peer: RawClient | undefined;
    for (const line of readFileSync(join(folder('smtp-dialogs'), name), 'utf8').split('\n')) {
      const [, verb, rest = ''] = /^c (->|~>|<-|<~|<\.\.\.|close|tcp_connect) ?(.*)$/.exec(line) ?? [];
      if (verb === 'tcp_connect') peer = await server.client();
      if (verb === 'close') peer?.destroy();
      if (verb === '->') peer?.write(Buffer.from(`${ours(rest)}\r\n`));
      if (verb === '~>') peer?.write(pythonString(rest));
      if (verb?.startsWith('<')) expect(sameKind(rest, await peer?.reply())).toEqual('as expected');
    }
    peer?.destroy();
  });

  it.each(corpora ? readdirSync(join(folder('smtp-dialogs'), 'fuzz-seeds')) : [])(
    'seed %s: a reply to everything, and the server goes on',
    async (name) => {
      const [, literal = ''] =
        /^\[\]byte\((".*")\)$/m.exec(
          readFileSync(join(folder('smtp-dialogs'), 'fuzz-seeds', name), 'utf8'),
        ) ?? [];
      const peer = await server.client();
      expect(await peer.reply()).toContain('220');
      peer.write(Buffer.from(goString(literal)));
      expect(await peer.reply()).toMatch(/^[2-5]\d\d/);
      peer.destroy();
      const next = await server.client();
      expect(await next.reply()).toContain('220');
      next.destroy();
    },
  );
});

function ours(line: string): string {
  return line
    .replace('user@testserver', 'birds@lists.example.org')
    .replace('@testserver', '@lists.example.org');
}

/** Good replies by their code; refusals by their first digit, for which of the 5yz it is differs among servers. */
function sameKind(expected: string, reply: string | undefined): string {
  const code = /\d{3}/.exec(expected)?.[0] ?? '';
  const same = Number(code) < 400 ? reply?.startsWith(code) : reply?.[0] === code[0];
  return same ? 'as expected' : `${reply ?? 'closed'}, not ${expected}`;
}

/** The three forms the corpus has: 'text', 'x' * n, ('x' * n + 'text') * m. */
function pythonString(expression: string): string {
  const text = expression.replace(/'((?:\\.|[^'])*)'(?: \* (\d+))?/g, (_, chars: string, times?: string) =>
    JSON.stringify(goString(`"${chars}"`).repeat(Number(times ?? 1))),
  );
  const [, group, times] = /^\((.*)\) \* (\d+)$/.exec(text) ?? [];
  const parts = (group ?? text).split(' + ').map((part) => JSON.parse(part) as string);
  return parts.join('').repeat(Number(times ?? 1));
}

function goString(literal: string): string {
  return JSON.parse(literal.replace(/\\x([0-9a-f]{2})/g, '\\u00$1')) as string;
}
