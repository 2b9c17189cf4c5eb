import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ListenerOptions } from '../../src/receive/listener.ts';
import { play, readDialogue } from './dialogue.ts';
import { start } from './test-door.ts';

const folder = join(import.meta.dirname, 'dialogues');

/** What `@ name` in a dialogue stands for. */
const listeners: Record<string, Partial<ListenerOptions>> = {
  lmtp: { lmtp: ['127.0.0.1:0'] },
  relay: { trustedRelays: ['127.0.0.0/8'] },
  proxy: { proxyProtocol: ['127.0.0.1'] },
  'five-errors': { limits: { maxErrors: 5 } },
  'two-recipients': { limits: { maxRecipients: 2 } },
};

describe('the dialogue', () => {
  it.each(readdirSync(folder).sort())('%s', async (name) => {
    const dialogue = readDialogue(join(folder, name));
    const server = await start(Object.assign({}, ...dialogue.options.map((option) => listeners[option])));
    const client = await server.client();
    try {
      await play(dialogue, client);
    } finally {
      client.destroy();
      await server.stop();
    }
    expect(dialogue.steps.length).toBeGreaterThan(1);
  });
});
