import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { golden, grownNames, leftNames, standardFooter } from '../rewrite/golden-footers.ts';
import { submit } from '../support/submit.ts';
import { sharedTown } from './town.ts';

const author = 'alice@example.com';

/** A list that changes whatever it may. */
describe('a list with a footer and a tag', () => {
  const place = sharedTown({ settings: { 'limits.posts_per_sender': '0' } });
  const settings = {
    footer: standardFooter,
    subject_tag: '[Birds]',
    post: 'anyone',
    require_addressed: 'no',
    attachments: 'any',
    hold_first_posts: '0',
    misdirected: 'off',
  };
  beforeAll(() => place.town.makeList('birds', [place.town.person('dana@example.com')], settings));

  /** What its member gets of a golden mail; undefined where the list takes no such mail. */
  async function copyOf(name: string): Promise<Buffer | undefined> {
    const raw = golden(`${name}.in.eml`)
      .toString('latin1')
      .replace(/^Message-ID: .*$/im, `Message-ID: <${name}@example.com>`);
    const reader = place.town.person('dana@example.com');
    const answer = await submit(place.town.server.smtpPort, {
      from: author,
      to: ['birds@lists.example.org'],
      raw: Buffer.from(raw, 'latin1'),
    });
    if (!answer.includes('accepted as')) return undefined;
    const [letter] = await reader.newMail();
    const copy = Buffer.from(letter?.data ?? '', 'latin1');
    expect(letter?.subject).toBe('[Birds] Three eggs');
    return copy.subarray(readHead(copy).bodyStart);
  }

  const digest = (bytes: Buffer | undefined) => bytes && createHash('sha256').update(bytes).digest('hex');
  const bodyOf = (raw: Buffer) => raw.subarray(readHead(raw).bodyStart);

  // A report is no post.
  const refused = ['left-report'];
  it.each(leftNames.filter((name) => !refused.includes(name)))(
    'sends the body of %s on bit for bit',
    async (name) => {
      expect(digest(await copyOf(name))).toBe(digest(bodyOf(golden(`${name}.in.eml`))));
    },
  );

  it.each(grownNames.filter((name) => name !== 'plain-empty-body'))(
    'sends %s with its footer',
    async (name) => {
      const expected = bodyOf(golden(`${name}.out.eml`)).toString('latin1');
      expect((await copyOf(name))?.toString('latin1')).toBe(
        expected.endsWith('\r\n') ? expected : `${expected}\r\n`,
      );
    },
  );
});

describe('a list that changes nothing', () => {
  const place = sharedTown();
  beforeAll(() => place.town.makeList('nests', [place.town.person('dana@example.com')]));

  it('still sends no line that SMTP does not carry, and every word of it', async () => {
    const reader = place.town.person('dana@example.com');
    const text = `<p>${'nest '.repeat(300)}</p>\n${'x'.repeat(1200)}`;
    await reader.writes({
      to: 'nests@lists.example.org',
      subject: 'Long',
      text,
      headers: { 'X-Words': 'word '.repeat(300) },
    });
    const copy = await reader.oneMail('Long');
    expect(Math.max(...copy.data.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(copy.header('content-transfer-encoding')).toBe('quoted-printable');
    expect(copy.text.trimEnd()).toBe(text);
    expect(copy.header('x-words')).toBe('word '.repeat(300).trimEnd());
  });
});
