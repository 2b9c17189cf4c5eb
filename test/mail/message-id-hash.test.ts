import { expect, it } from 'vitest';
import { messageIdHash } from '../../src/mail/message-id-hash.ts';

it.each([
  [
    'the sample of Mailman’s manual',
    '87myycy5eh.fsf@uwakimon.sk.tsukuba.ac.jp',
    'JJIGKPKB6CVDX6B2CUG4IHAJRIQIOUTP',
  ],
  [
    'an id that Mailman 3.3 hashed',
    '20240912172823.11538F801F5@alsa1.perex.cz',
    '76XUCKTTCZ744LEEJZMIKE36FERLPVZP',
  ],
  [
    'an id with a percent sign',
    '61960553.W2LhaHc9vxjlKxJ8%lkp@intel.com',
    '7UHTVF7KSTWQO3O3PQQLDCTI6T6CE44J',
  ],
])('hashes %s as Mailman does', (_, messageId, hash) => {
  expect(messageIdHash(messageId)).toBe(hash);
});
