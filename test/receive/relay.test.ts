import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, start } from './test-door.ts';

/** What relay testers send: each would have us carry mail to somebody@outside.example. */
const probes = [
  '<somebody@outside.example>',
  '<somebody%outside.example@lists.example.org>',
  '<somebody%outside.example@[127.0.0.1]>',
  '<somebody%outside.example>',
  '<"somebody@outside.example">',
  '<"somebody%outside.example">',
  '<"somebody@outside.example"@lists.example.org>',
  '<"somebody%outside.example"@lists.example.org>',
  '<somebody@outside.example@lists.example.org>',
  '<somebody@outside.example@[127.0.0.1]>',
  '<@lists.example.org:somebody@outside.example>',
  '<@lists.example.org,@other.example:somebody@outside.example>',
  '<@[127.0.0.1]:somebody@outside.example>',
  '<outside.example!somebody>',
  '<outside.example!somebody@lists.example.org>',
  '<outside.example!somebody@[127.0.0.1]>',
  '<lists.example.org!outside.example!somebody>',
  '<somebody@outside.example.>',
  '<somebody@lists.example.org.outside.example>',
  '<somebody@outside.example:25@lists.example.org>',
  '<"birds@lists.example.org somebody"@outside.example>',
  '<birds@lists.example.org,somebody@outside.example>',
  '<birds@lists.example.org> <somebody@outside.example>',
  '<somebody@outside.example>lists.example.org',
  '<birds+somebody=outside.example@lists.example.org>',
  '<birds@[127.0.0.1]>',
  'somebody@outside.example',
];

describe('is no relay', () => {
  let server: Started;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(probes)('for RCPT TO:%s', async (path) => {
    const peer = await server.client();
    await peer.reply();
    await peer.say('EHLO lists.example.org');
    for (const sender of ['<somebody@outside.example>', '<birds@lists.example.org>', '<>']) {
      expect(await peer.say(`MAIL FROM:${sender}`)).toMatch(/^250 /);
      expect(await peer.say(`RCPT TO:${path}`)).toMatch(/^5\d\d 5\./);
      expect(await peer.say('DATA')).toMatch(/^503 /);
      await peer.say('RSET');
    }
    peer.destroy();
  });
});
