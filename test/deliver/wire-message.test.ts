import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromWireMessage, toWireMessage, toWireMessageInTurns } from '../../src/deliver/wire-message.ts';

const wire = (text: string) => toWireMessage([Buffer.from(text, 'latin1')]).bytes.toString('latin1');

describe('on the wire', () => {
  test.each([
    ['a clean message gets its end', 'a\r\nb\r\n', 'a\r\nb\r\n.\r\n'],
    ['a last line without an end gets one', 'a\r\nb', 'a\r\nb\r\n.\r\n'],
    ['an empty message is only its end', '', '.\r\n'],
    ['a dot at the start of a line is doubled', '.a\r\n..\r\n.\r\n', '..a\r\n...\r\n..\r\n.\r\n'],
    ['a dot elsewhere is left alone', 'a.\r\nb.c\r\n', 'a.\r\nb.c\r\n.\r\n'],
    ['bare LF becomes CRLF', 'a\nb\n', 'a\r\nb\r\n.\r\n'],
    ['bare CR becomes CRLF', 'a\rb\r', 'a\r\nb\r\n.\r\n'],
    ['two CRs are two ends', 'a\r\r\nb', 'a\r\n\r\nb\r\n.\r\n'],
    [
      'a smuggled end of data with LF is stuffed',
      'a\n.\nMAIL FROM:<x>\n',
      'a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n',
    ],
    ['and one with CR', 'a\r.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
    ['and one with both', '\r\n.\r\r\n', '\r\n..\r\n\r\n.\r\n'],
  ])('%s', (_, message, expected) => {
    expect(wire(message)).toBe(expected);
  });

  const nasty = fc.array(fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.\r\n', '\x00', '\xe9'), {
    maxLength: 60,
  });

  test('there is one end of data, and no bare CR or LF, whatever comes in', () => {
    fc.assert(
      fc.property(nasty, (parts) => {
        const text = wire(parts.join(''));
        expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(`\r\n${text}`.indexOf('\r\n.\r\n')).toBe(text.length + 2 - 5);
      }),
    );
  });

  test('a reader gets back what was sent', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (parts) => {
        const raw = Buffer.from(parts.join(''), 'latin1');
        const normal = raw.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
        const expected = normal === '' || normal.endsWith('\r\n') ? normal : `${normal}\r\n`;
        expect((await fromWireMessage(toWireMessage([raw]))).toString('latin1')).toBe(expected);
      }),
    );
  });

  test('the same comes out wherever the pieces of a large one begin', async () => {
    const filling = Buffer.alloc(1 << 20, 'text\r\n');
    await fc.assert(
      fc.asyncProperty(nasty, fc.nat(70), async (parts, at) => {
        const raw = Buffer.concat([
          filling.subarray(0, filling.length - at),
          Buffer.from(parts.join(''), 'latin1'),
          filling,
        ]);
        const text = raw.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
        const { bytes, eightBit } = await toWireMessageInTurns([raw], false);
        const ended = text.endsWith('\r\n') ? text : `${text}\r\n`;
        expect(bytes.toString('latin1') === `${ended.replace(/^\./gm, '..')}.\r\n`).toBe(true);
        expect(eightBit).toBe(parts.includes('\xe9'));
        expect((await fromWireMessage({ bytes })).toString('latin1') === ended).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('its parts are joined before anything else', () => {
    expect(toWireMessage([Buffer.from('a\r'), Buffer.from('\nb\r\n')]).bytes.toString()).toBe(
      'a\r\nb\r\n.\r\n',
    );
  });

  test.each([0, 1, 2, 3, 4, 7, 8, 9, 100])('an octet over 127 is seen at %i of 101', (at) => {
    const raw = Buffer.alloc(101, 'a');
    expect(toWireMessage([raw]).eightBit).toBe(false);
    raw[at] = 0x80;
    expect(toWireMessage([raw]).eightBit).toBe(true);
  });

  test('ten megabytes of bare LF, or of dots, take less than half a second', () => {
    for (const raw of [Buffer.alloc(1_000_000, 'a\n'), Buffer.alloc(1_000_000, '.\r\n')]) {
      const started = performance.now();
      toWireMessage([raw]);
      expect(performance.now() - started).toBeLessThan(500);
    }
  });
});
