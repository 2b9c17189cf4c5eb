import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readableText } from '../../src/mail/readable-text.ts';
import { addFooter } from '../../src/rewrite/footer.ts';
import { footerText } from '../../src/rewrite/footer-text.ts';
import { plainList, plainSite } from '../support/plain.ts';
import { golden, grownNames, leftNames, mail, standardFooter } from './golden-footers.ts';

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('the footer, by the structure of the mail', () => {
  test.each(grownNames)('is put into %s', (name) => {
    const result = addFooter(golden(`${name}.in.eml`), standardFooter);
    expect(result.kind === 'added' ? result.raw.toString('latin1') : result).toBe(
      golden(`${name}.out.eml`).toString('latin1'),
    );
  });

  test.each([
    ['left-smime-signed', 'it is signed or encrypted'],
    ['left-smime-encrypted', 'it is signed or encrypted'],
    ['left-pgp-signed', 'it is signed or encrypted'],
    ['left-pgp-encrypted', 'it is encrypted'],
    ['left-pgp-inline', 'it holds a text signed or encrypted with PGP'],
    ['left-signed-in-mixed', 'it is signed or encrypted'],
    ['left-calendar', 'it has no text that a footer could stand under (text/calendar)'],
    ['left-report', 'it is a report for programs'],
    ['left-message', 'it has no text that a footer could stand under (message/rfc822)'],
    ['left-unknown-charset', 'its character set is not one that text can be added to'],
    ['left-utf-7', 'its character set is not one that text can be added to'],
    ['left-dkim-length', 'its author signed only the beginning of it (DKIM l=)'],
    ['left-damaged-base64', 'its transfer encoding is unknown or damaged'],
    ['left-two-types', 'mail programs may read its structure in two ways'],
    ['left-no-parts', 'its structure is broken, or deeper than is looked at'],
    ['left-boundary-in-footer', 'its text would hold the delimiter between its parts'],
    ['left-boundary-in-new-part', 'the footer would hold the delimiter between its parts'],
    ['left-there-already', 'it ends with the footer already'],
  ])('leaves %s bit for bit', (name, why) => {
    const raw = golden(`${name}.in.eml`);
    const before = digest(raw);
    expect(addFooter(raw, standardFooter)).toEqual({ kind: 'left', why });
    expect(digest(raw)).toBe(before);
  });

  test.each(grownNames)('is put into %s with LF line ends, too', (name) => {
    const lf = (raw: Buffer) => raw.toString('latin1').replaceAll('\r\n', '\n');
    const result = addFooter(Buffer.from(lf(golden(`${name}.in.eml`)), 'latin1'), standardFooter);
    expect(result.kind === 'added' ? lf(result.raw) : result).toBe(lf(golden(`${name}.out.eml`)));
  });

  test('every golden mail is in one of the two tables', () => {
    expect(leftNames).toHaveLength(18);
  });

  test.each(grownNames)('is not put into %s twice', (name) => {
    if (name === 'mixed-files-without-end' || name === 'mixed-pdf-only') return;
    expect(addFooter(golden(`${name}.out.eml`), standardFooter)).toMatchObject({ kind: 'left' });
  });
});

describe('a footer that the character set of the post lacks', () => {
  const footer = footerText(plainList({ footer: 'standard' }, 'Vögel – 鳥'), plainSite) ?? '';
  const head = ['From: a@example.org', 'MIME-Version: 1.0'];
  const added = (lines: readonly string[], text = footer) => {
    const result = addFooter(mail(lines), text);
    return result.kind === 'added' ? result.raw.toString('latin1') : result.why;
  };

  test('makes UTF-8 of an ASCII text, which then has all fields that says so', () => {
    const out = added(['From: a@example.org', '', 'Three eggs.', '']);
    expect(out).toContain(
      'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nThree eggs.\r\n\r\n--=20\r\nV=C3=B6gel',
    );
    expect(readableText(Buffer.from(out, 'latin1'))).toContain('Vögel – 鳥, a mailing list');
  });

  test('keeps the other parameters of the type', () => {
    const out = added([
      ...head,
      'Content-Type: text/plain; Charset="iso-8859-1";\r\n\tFormat=flowed',
      '',
      'x',
      '',
    ]);
    expect(out).toContain('Content-Type: text/plain; charset=utf-8; format=flowed\r\n');
  });

  test('stays in a set that has its characters', () => {
    const latin = footerText(plainList({ footer: 'Vögel' }), plainSite) ?? '';
    expect(
      added(
        [
          ...head,
          'Content-Type: text/plain; charset=iso-8859-15',
          'Content-Transfer-Encoding: 8bit',
          '',
          'x',
          '',
        ],
        latin,
      ),
    ).toContain('\r\n\r\nV\xf6gel\r\n');
    expect(added([...head, 'Content-Type: text/plain; charset=iso-8859-15', '', 'x', ''], latin)).toContain(
      'Content-Transfer-Encoding: quoted-printable\r\n\r\nx\r\n\r\nV=F6gel\r\n',
    );
  });

  test('in ISO-2022-JP every line ends in ASCII, also where the text itself did not', () => {
    const japanese = footerText(plainList({ footer: '鳥の会\nbirds' }), plainSite) ?? '';
    const type = 'Content-Type: text/plain; charset=iso-2022-jp';
    expect(added([...head, type, '', '\x1b$B$?$^$4', ''], japanese)).toContain(
      '\x1b$B$?$^$4\r\n\x1b(B\r\n\x1b$BD;$N2q\x1b(B\r\nbirds\r\n',
    );
  });

  test('in HTML is written in ASCII, whatever the set', () => {
    const out = added([
      ...head,
      'Content-Type: text/html; charset=koi8-r',
      'Content-Transfer-Encoding: 8bit',
      '',
      '<p>\xd0</body>',
      '',
    ]);
    expect(out).toContain('V&#246;gel &#8211; &#40165;');
    expect(out).toContain('charset=koi8-r');
  });

  test.each(['utf-8', 'us-ascii', 'iso-8859-1'])(
    'a text of 4 MiB gets one, and not with an octet more (%s)',
    (set) => {
      const typed = [...head, `Content-Type: text/plain; charset=${set}`, ''];
      expect(added([...typed, 'x'.repeat(4 << 20)])).toContain('a mailing list');
      expect(added([...typed, 'x'.repeat((4 << 20) + 1)])).toBe('its text is too long');
    },
  );

  test('a text that is not of the set it names is left alone', () => {
    expect(added([...head, 'Content-Type: text/plain; charset=us-ascii', '', 'Gr\xfc\xdfe', ''])).toBe(
      'its text is not of the character set that it says',
    );
  });
});
