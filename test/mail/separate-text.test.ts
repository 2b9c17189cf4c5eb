import { describe, expect, test } from 'vitest';
import { readableText } from '../../src/mail/readable-text.ts';
import { editableText, replaceText } from '../../src/mail/replace-text.ts';
import { separateText } from '../../src/mail/separate-text.ts';

const head = 'From: Anna <anna@example.org>\r\nSubject: Nests\r\n';
const separate = (text: string) => separateText(Buffer.from(text, 'latin1')).toString('latin1');

describe('a mail whose text begins right below its head gets the empty line', () => {
  test.each<[string, string, string]>([
    ['before its first line', head, 'Two eggs.\r\nThree.\r\n'],
    ['also where there is no other in all of it', head, 'Two eggs.'],
    ['also where later lines look like fields', head, 'Hello,\r\nNote: two eggs.\r\n\r\nAnna\r\n'],
    ['after a line of blanks, which is part of the field above', `${head} \r\n`, 'Two eggs.\r\n'],
    ['above lines that are indented', head, 'Two:\r\n  eggs\r\n\r\n'.replace(':', '')],
    ['before text in other letters', head, 'V\xf6gel: zwei\r\n'],
  ])('%s', (_, above, text) => {
    expect(separate(`${above}${text}`)).toBe(`${above}\r\n${text}`);
  });
});

describe('nothing is put in', () => {
  test.each<[string, string]>([
    ['where the empty line is', `${head}\r\nTwo eggs.\r\n`],
    ['where a broken line stands between fields', `${head}oops\r\nTo: birds@lists.example.org\r\n\r\nx\r\n`],
    [
      'where it stands above what says how to read the text',
      `${head}oops\r\nContent-Type: text/html\r\n\r\nx`,
    ],
    ['below the line that begins a mail in an mbox', `>From anna@example.org Fri\r\n${head}\r\nx\r\n`],
    ['where the text is encoded', `${head}Content-Transfer-Encoding: base64\r\noops\r\n\r\nVHdv\r\n`],
    ['where nothing is a field', 'Two eggs.\r\n'],
    ['where there is nothing', ''],
    ['in a block that is too long to be read', `${head}${'X-A: b\r\n'.repeat(1100)}x\r\ny\r\n\r\nz`],
  ])('%s', (_, mail) => {
    const raw = Buffer.from(mail, 'latin1');
    expect(separateText(raw)).toBe(raw);
  });
});

describe('the whole text is there', () => {
  const raw = Buffer.from(`${head}Two eggs.\r\n\r\nAnd three.\r\n`);

  test('for who reads it', () => {
    expect(readableText(raw).trim()).toBe('Two eggs.\r\n\r\nAnd three.');
  });

  test('once, for who edits it', () => {
    expect(editableText(raw)).toMatchObject({ kind: 'editable', text: 'Two eggs.\n\nAnd three.\n' });
    const edited = replaceText(raw, 'Four.')?.toString() ?? '';
    expect(edited).toContain('\r\n\r\nFour.');
    expect(edited).not.toContain('Two eggs');
  });
});
