import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAttachments } from '../../src/mail/attachment-dangers.ts';
import { type ZipEntry, zip } from '../support/zip.ts';

/** A mail of a text and one attachment. */
function mail(part: {
  readonly type?: string;
  readonly disposition?: string;
  readonly content?: Buffer | string;
}): Buffer {
  const { type = 'application/octet-stream', disposition = 'attachment', content = 'hello' } = part;
  const encoded = Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(
    [
      'From: alice@example.com',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'Here it is.',
      '--b',
      `Content-Type: ${type}`,
      ...(disposition === '' ? [] : [`Content-Disposition: ${disposition}`]),
      'Content-Transfer-Encoding: base64',
      '',
      encoded,
      '--b--',
      '',
    ].join('\r\n'),
  );
}

function named(name: string, content?: Buffer | string): Buffer {
  return mail({
    disposition: `attachment; filename="${name}"`,
    ...(content === undefined ? {} : { content }),
  });
}

function holding(...entries: ZipEntry[]): Buffer {
  return named('report.zip', zip(entries));
}

function textMail(...lines: string[]): Buffer {
  return Buffer.from(`From: alice@example.com\r\n\r\n${lines.join('\r\n')}\r\n`);
}

const program = Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0'), Buffer.alloc(200)]);
const wordDocument = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2000, 1)]);
/** Nothing that can be compressed. */
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 13));
const rtlo = encodeURIComponent('\u202e');

function dangers(raw: Buffer): (string | undefined)[] {
  return findAttachments(raw).map(({ danger }) => danger);
}

/** Other programs than ours may find a program in it: the field is the one that we read first, or read not at all. */
function disguised(of: {
  readonly type?: string;
  readonly part?: string;
  readonly encoding?: string;
}): Buffer {
  const {
    type = 'multipart/mixed; boundary=b',
    part = 'Content-Disposition: attachment',
    encoding = 'base64',
  } = of;
  return Buffer.from(
    [
      'From: alice@example.com',
      `Content-Type: ${type}`,
      '',
      '--b',
      'Content-Type: application/octet-stream',
      part,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      program.toString('base64'),
      '--b--',
      '',
    ].join('\r\n'),
  );
}

const twice = 'a part of it says twice, and not the same, what it is';
const boundary = 'where its parts begin is written so that programs differ about it';
const encoded = 'an attachment without a name is encoded in a way that nobody can look into';

describe('what other programs may read in another way', () => {
  it.each<[string, Buffer, string]>([
    ['two types', disguised({ part: 'Content-Type: text/plain' }), twice],
    ['two encodings', disguised({ encoding: '7bit\r\nContent-Transfer-Encoding: base64' }), twice],
    [
      'two types of the whole mail',
      disguised({ type: 'text/plain\r\nContent-Type: multipart/mixed; boundary=b' }),
      twice,
    ],
    ['a boundary with a charset', disguised({ type: "multipart/mixed; boundary*=us-ascii''b" }), boundary],
    ['a boundary in pieces', disguised({ type: 'multipart/mixed; boundary*0=b' }), boundary],
    ['a boundary behind a comment', disguised({ type: 'multipart/mixed; (x) boundary=b' }), boundary],
    ['two boundaries', disguised({ type: 'multipart/mixed; boundary=a; boundary=b' }), boundary],
    [
      'two dispositions',
      disguised({
        part: 'Content-Disposition: inline\r\nContent-Disposition: attachment; filename=a.js',
      }),
      '"a.js" is a script',
    ],
    [
      'a boundary behind two semicolons',
      disguised({ type: 'multipart/mixed;; boundary=b' }),
      'an attachment without a name is a program, whatever its name says',
    ],
    ['no boundary', disguised({ type: 'multipart/mixed' }), boundary],
    ['an encoding with a comment', disguised({ encoding: 'base64 (x)' }), encoded],
    ['an encoding in quotes', disguised({ encoding: '"base64"' }), encoded],
  ])('%s', (_, raw, danger) => {
    expect(dangers(raw)).toContain(danger);
  });

  it.each<[string, Buffer]>([
    [
      'a boundary that names itself',
      disguised({
        type: 'multipart/mixed; boundary="b"; charset=utf-8',
        part: 'X: boundary',
        encoding: '7bit',
      }),
    ],
    ['the same type twice', disguised({ part: 'Content-Type: application/octet-stream', encoding: '7bit' })],
  ])('not %s', (_, raw) => {
    expect(dangers(raw)).toEqual([undefined]);
  });
});

describe('what nobody should open', () => {
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['a program', named('setup.exe'), '"setup.exe" is a program'],
    ['a screen saver in capitals', named('FUN.SCR'), '"FUN.SCR" is a program'],
    ['a script', named('invoice.js'), '"invoice.js" is a script'],
    ['a document with macros', named('plan.docm'), '"plan.docm" is a document with macros'],
    ['a shortcut', named('photos.lnk'), '"photos.lnk" is a shortcut that can start programs'],
    ['a disk image', named('backup.iso'), '"backup.iso" is a disk image'],
    ['two extensions', named('bill.pdf.exe'), '"bill.pdf.exe" is a program that pretends to be a pdf'],
    [
      'two extensions far apart',
      named('bill.pdf                              .exe'),
      '"bill.pdf                              .exe" is a program that pretends to be a pdf',
    ],
    ['a dot that Windows drops', named('setup.exe.'), '"setup.exe." is a program'],
    ["a stream's name that Windows drops", named('setup.exe::$DATA'), '"setup.exe::$DATA" is a program'],
    ['a compressed program', named('setup.exe.gz'), '"setup.exe.gz" holds a program'],
    [
      'a name turned round, RFC 2231',
      mail({ disposition: `attachment; filename*=utf-8''Photo${rtlo}gpj.doc` }),
      'the name of "Photogpj.doc" is turned round to hide what it is',
    ],
    [
      'a name in RFC 2231 pieces',
      mail({ disposition: 'attachment; filename*0="set"; filename*1="up.e"; filename*2="xe"' }),
      '"setup.exe" is a program',
    ],
    [
      'a name in an encoded word',
      mail({ disposition: 'attachment; filename="=?utf-8?B?c2V0dXAuZXhl?="' }),
      '"setup.exe" is a program',
    ],
    [
      'a harmless name for us and another for others',
      mail({ disposition: "attachment; filename*=utf-8''notes.txt; filename=setup.exe" }),
      '"setup.exe" is a program',
    ],
    [
      'two names in one field',
      mail({ disposition: 'attachment; filename="notes.txt"; filename="setup.exe"' }),
      '"setup.exe" is a program',
    ],
    [
      'a name in the type alone',
      mail({ type: 'text/plain; name="setup.exe"', disposition: '' }),
      '"setup.exe" is a program',
    ],
    ['a type alone', mail({ type: 'application/x-msdownload' }), 'an attachment without a name is a program'],
    [
      'a program called a picture',
      named('cat.jpg', program),
      '"cat.jpg" is a program, whatever its name says',
    ],
    [
      'a program that says it is a signature',
      mail({ type: 'application/pgp-signature', disposition: 'attachment; filename=setup.exe' }),
      '"setup.exe" is a program',
    ],
    [
      'a program for Linux',
      named('cat.jpg', '\x7fELF\x02'),
      '"cat.jpg" is a program, whatever its name says',
    ],
    [
      'a script without an extension',
      named('README', '#!/bin/sh\nrm -rf /\n'),
      '"README" is a script, whatever its name says',
    ],
    [
      'an old document with macros',
      named('plan.doc', Buffer.concat([wordDocument, Buffer.from('_VBA_PROJECT', 'utf16le')])),
      '"plan.doc" is a document with macros',
    ],
    [
      'a new document with macros and an innocent name',
      named('plan.docx', zip([{ name: '[Content_Types].xml' }, { name: 'word/vbaProject.bin' }])),
      '"plan.docx" is a document with macros',
    ],
    [
      'an OpenDocument with macros',
      named('plan.odt', zip([{ name: 'mimetype', stored: true }, { name: 'Basic/script-lc.xml' }])),
      '"plan.odt" is a document with macros',
    ],
    [
      'an archive with a program',
      holding({ name: 'a/readme.txt' }, { name: 'a/setup.exe' }),
      '"report.zip" holds a program, setup.exe',
    ],
    [
      'an archive whose directory lies',
      holding({ name: 'setup.exe', directoryName: 'notes.txt' }),
      '"report.zip" holds a program, setup.exe',
    ],
    [
      'an archive that only its directory tells of',
      holding({ name: 'notes.txt', directoryName: 'setup.exe' }),
      '"report.zip" holds a program, setup.exe',
    ],
    [
      'an archive in an archive, packed',
      holding({ name: 'inner.zip', content: zip([{ name: 'setup.exe' }]) }),
      '"report.zip" holds a program, setup.exe',
    ],
    [
      'an archive in an archive, stored',
      holding({ name: 'inner.zip', stored: true, content: zip([{ name: 'setup.exe' }]) }),
      '"report.zip" holds a program, setup.exe',
    ],
    [
      'an archive with another name',
      named('report.pdf', zip([{ name: 'setup.exe' }])),
      '"report.pdf" holds a program, setup.exe',
    ],
    [
      'an archive with a password',
      holding({ name: 'plan.pdf', encrypted: true }),
      '"report.zip" is locked with a password, so nobody can see what it holds',
    ],
    [
      'an archive in an archive that is a bomb',
      holding({ name: 'inner.zip', content: Buffer.alloc(50 * 1024 * 1024) }),
      '"report.zip" holds more than can be looked into',
    ],
    ['a RAR 4 archive', named('a.rar', rar4('setup.exe')), '"a.rar" holds a program, setup.exe'],
    ['a RAR 5 archive', named('a.rar', rar5('setup.exe')), '"a.rar" holds a program, setup.exe'],
    ['a tar file', named('a.tar', tar('notes.txt', 'setup.exe')), '"a.tar" holds a program, setup.exe'],
    [
      'a compressed tar file',
      named('a.tgz', gzipSync(tar('notes.txt', 'setup.exe'))),
      '"a.tgz" holds a program, setup.exe',
    ],
    [
      'a compressed tar file that is large',
      named('a.tgz', gzipSync(Buffer.concat([tar(...Array(400).fill('n.txt')), tar('setup.exe'), noise]))),
      '"a.tgz" holds a program, setup.exe',
    ],
    ['a compressed program with another name', named('a.gz', gzipSync(program)), '"a.gz" holds a program'],
    [
      'a program uuencoded in the text',
      textMail('Run this:', 'begin 644 setup.exe', '#0V%T', '`', 'end'),
      '"setup.exe" is a program',
    ],
    [
      'a piece of a message',
      mail({ type: 'message/partial; id=1; number=1', disposition: '' }),
      'it is a piece of a larger message, which nobody can look into',
    ],
  ];

  it.each(cases)('%s', (_, raw, danger) => {
    expect(dangers(raw)).toEqual([danger]);
  });

  it('a program in a message that is attached as a file', () => {
    const raw = mail({ type: 'message/rfc822', content: named('setup.exe') });
    expect(dangers(raw)).toEqual([undefined, '"setup.exe" is a program']);
  });

  it('what is nested deeper than we look', () => {
    const open = Array.from({ length: 30 }, (_, i) => [
      `Content-Type: multipart/mixed; boundary=b${i}`,
      '',
      `--b${i}`,
    ]);
    const raw = Buffer.from([...open.flat(), 'Content-Type: text/plain', '', 'x', ''].join('\r\n'));
    expect(dangers(raw)).toEqual(['its parts are nested too deeply to look into']);
  });

  it('more parts than we look at', () => {
    const parts = '--b\r\n\r\nx\r\n'.repeat(2100);
    const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`);
    expect(dangers(raw)).toEqual(['it has more parts than can be looked into']);
  });
});

const magic = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(600, 1)]);
const unread = (name: string) =>
  `"${name}" cannot be read as the archive that it says it is, so nobody could look into it`;
const inside = (name: string, inner: string) =>
  `"${name}" holds another archive, "${inner}", which nobody could look into`;

describe('a ZIP file behind something else', () => {
  const junk = Buffer.from('JUNK and more of it ');
  const behind = (before: Buffer, name = 'a.zip', entry = 'x.exe') =>
    named(name, Buffer.concat([before, zip([{ name: entry }])]));
  it.each([
    ['bytes that mean nothing', behind(junk), '"a.zip" holds a program, x.exe'],
    ['a picture', behind(magic('ffd8ffe0'), 'cat.jpg'), '"cat.jpg" holds a program, x.exe'],
    ['a tar file', behind(tar('notes.txt')), '"a.zip" holds a program, x.exe'],
    ['a compressed text', behind(gzipSync('hello')), '"a.zip" holds a program, x.exe'],
    ['a 7z archive', behind(magic('377abcaf271c')), '"a.zip" holds a program, x.exe'],
    ['a compound file', behind(wordDocument), '"a.zip" holds a program, x.exe'],
    [
      'a document with macros',
      behind(junk, 'a.docx', 'word/vbaProject.bin'),
      '"a.docx" is a document with macros',
    ],
    [
      'with something behind it, too',
      named('a.zip', Buffer.concat([junk, zip([{ name: 'x.exe' }]), Buffer.alloc(200_000, 7)])),
      '"a.zip" holds a program, x.exe',
    ],
    [
      'with a password',
      named('a.zip', Buffer.concat([junk, zip([{ name: 'x.pdf', encrypted: true }])])),
      '"a.zip" is locked with a password, so nobody can see what it holds',
    ],
  ])('%s', (_, raw, danger) => {
    expect(dangers(raw)).toEqual([danger]);
  });

  it('is an archive like any where it holds documents', () => {
    expect(findAttachments(behind(junk, 'a.zip', 'plan.pdf'))).toEqual([
      { filename: 'a.zip', type: 'application/octet-stream', bytes: expect.any(Number) },
    ]);
  });
});

describe('what nobody can look into', () => {
  const large = Buffer.concat([tar('notes.txt'), ...Array(8).fill(tarOf('noise', noise)), tar('setup.exe')]);
  it.each([
    ['7z', named('a.7z', magic('377abcaf271c')), '"a.7z" is a 7z archive, which nobody can look into'],
    [
      '7z by another name',
      named('a.pdf', magic('377abcaf271c')),
      '"a.pdf" is a 7z archive, which nobody can look into',
    ],
    [
      'xz',
      named('a.tar.xz', magic('fd377a585a00')),
      '"a.tar.xz" is a file compressed by xz, which nobody can look into',
    ],
    [
      'bzip2',
      named('a.bz2', magic('425a6839')),
      '"a.bz2" is a file compressed by bzip2, which nobody can look into',
    ],
    [
      'Zstandard',
      named('a.zst', magic('28b52ffd')),
      '"a.zst" is a file compressed by Zstandard, which nobody can look into',
    ],
    ['cab', named('a.cab', magic('4d53434600000000')), '"a.cab" is a cabinet, which nobody can look into'],
    ['ARJ', named('a.arj', magic('60ea')), '"a.arj" is an ARJ archive, which nobody can look into'],
    [
      'LZH',
      named('a.lzh', '\x22\x00-lh5-xxxxxxxxxxxxxxxxx'),
      '"a.lzh" is an LZH archive, which nobody can look into',
    ],
    ['ACE', named('a.ace', 'xxxxxxx**ACE**xxxxxx'), '"a.ace" is an ACE archive, which nobody can look into'],
    ['a .zip that is none', named('a.zip', 'JUNK'), unread('a.zip')],
    [
      'a .rar that is none, or begins later',
      named('a.rar', Buffer.concat([magic('01'), rar5('x.exe')])),
      unread('a.rar'),
    ],
    ['a .tar of before 1988', named('a.tar', magic('61')), unread('a.tar')],
    ['a .gz that is none', named('a.gz', 'hello'), unread('a.gz')],
    [
      'the type of a ZIP file',
      mail({ type: 'application/zip', content: 'JUNK' }),
      'an attachment without a name cannot be read as the archive that it says it is, so nobody could look into it',
    ],
    ['a .lzma, which has no sign', named('a.lzma', magic('5d000080')), unread('a.lzma')],
    [
      'a 7z archive, compressed',
      named('a.gz', gzipSync(magic('377abcaf271c'))),
      '"a.gz" holds a 7z archive, which nobody can look into',
    ],
    [
      'twice compressed',
      named('a.gz', gzipSync(gzipSync('x'))),
      '"a.gz" is compressed twice, so nobody could look into it',
    ],
    ['broken', named('a.gz', magic('1f8b08')), '"a.gz" cannot be unpacked, so nobody could look into it'],
    [
      'a compressed tar file of which we see the beginning',
      named('a.tgz', gzipSync(large)),
      '"a.tgz" is larger than what is looked into',
    ],
    [
      'the same, packed so well that it is small',
      named(
        'a.tgz',
        gzipSync(Buffer.concat([tar('n.txt'), tarOf('zeros', Buffer.alloc(9_000_000)), tar('x.exe')])),
      ),
      '"a.tgz" is larger than what is looked into',
    ],
    ['a 7z archive in a ZIP file', holding({ name: 'in/b.7z' }), inside('report.zip', 'b.7z')],
    ['a RAR archive in a ZIP file', holding({ name: 'B.RAR' }), inside('report.zip', 'B.RAR')],
    ['a packed tar file in a ZIP file', holding({ name: 'b.tar.gz' }), inside('report.zip', 'b.tar.gz')],
    ['a ZIP file in a tar file', named('a.tar', tar('b.zip')), inside('a.tar', 'b.zip')],
    ['a ZIP file in a RAR archive', named('a.rar', rar5('b.zip')), inside('a.rar', 'b.zip')],
    ['a ZIP file in a packed tar file', named('a.tgz', gzipSync(tar('b.zip'))), inside('a.tgz', 'b.zip')],
    [
      'a ZIP file two levels down',
      holding({ name: 'b.zip', content: zip([{ name: 'c.zip', content: zip([{ name: 'x.exe' }]) }]) }),
      inside('report.zip', 'c.zip'),
    ],
    [
      'a ZIP file inside that only the directory calls so',
      holding({ name: 'b.txt', directoryName: 'b.zip', content: zip([{ name: 'x.exe' }]) }),
      inside('report.zip', 'b.zip'),
    ],
    [
      'an archive in the text',
      textMail('begin-base64 644 a.zip', zip([{ name: 'x.exe' }]).toString('base64', 0, 45), '====', 'end'),
      '"a.zip" is an archive written into the text, which nobody can look into',
    ],
  ])('%s', (_, raw, closed) => {
    expect(findAttachments(raw)).toEqual([
      { filename: expect.any(String), type: expect.any(String), bytes: expect.any(Number), closed },
    ]);
  });

  it('is told before what is harmless, and after what is dangerous', () => {
    const parts = [...Array(150).fill('a.txt'), 'a.7z', 'a.exe'].map(
      (name) => `--b\r\nContent-Disposition: attachment; filename=${name}\r\n\r\nx\r\n`,
    );
    const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`);
    expect(
      findAttachments(raw)
        .slice(0, 3)
        .map(({ filename }) => filename),
    ).toEqual(['a.exe', 'a.7z', 'a.txt']);
  });
});

it.each([
  ['a ZIP file with harmless files', holding({ name: 'b.zip', content: zip([{ name: 'n.txt' }]) })],
  ['compressed files that are no archives', holding({ name: 'log.gz' }, { name: 'page.html.bz2' })],
  ['a folder that is called like an archive', holding({ name: 'old.7z/' }, { name: 'old.7z/n.txt' })],
])('is harmless inside a ZIP file: %s', (_, raw) => {
  expect(findAttachments(raw)).toEqual([
    { filename: 'report.zip', type: expect.any(String), bytes: expect.any(Number) },
  ]);
});

describe('long names in a tar file', () => {
  const long = `${'long/'.repeat(30)}setup.exe`;
  const short = tar(`${long.slice(0, 100)}`);
  it.each([
    ['GNU', Buffer.concat([tarOf('././@LongLink', `${long}\0`, 'L'), short])],
    ['pax', Buffer.concat([tarOf('PaxHeaders/x', `30 mtime=1.5\n999 path=${long}\n`, 'x'), short])],
    ['the beginning apart', Buffer.concat([tarOf('setup.exe', 'x', '0', 'a/b'), tar('n.txt')])],
    [
      'behind a file whose name is all beginning',
      Buffer.concat([tarOf('', 'x', '0', 'a/b'), tar('setup.exe')]),
    ],
  ])('%s', (_, archive) => {
    expect(dangers(named('a.tar', archive))).toEqual(['"a.tar" holds a program, setup.exe']);
  });

  it('what stands behind a size that not all can read is not called harmless', () => {
    const odd = tar('n.txt');
    odd.write('\x80\0\0\0\0\0\0\0\0\0\0\x05', 124, 'latin1');
    expect(dangers(named('a.tar', Buffer.concat([odd, tar('setup.exe')])))).toEqual([
      '"a.tar" holds more than can be looked into',
    ]);
  });
});

describe('what anybody may open', () => {
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ['a mail of one text', textMail('Hello', 'let us begin 644 things'), 0],
    ['a text that starts a line with begin', textMail('begin 644 the work', 'tomorrow we go on'), 0],
    ['a PDF', named('plan.pdf', '%PDF-1.7'), 1],
    ['an archive with nothing in it', named('a.zip', ''), 1],
    ['many large texts, compressed', archives(4, gzipSync(Buffer.alloc(50_000_000, 'log\n'))), 4],
    ['a picture of HTML', mail({ type: 'image/png; name=logo.png', disposition: 'inline' }), 1],
    ['a picture uuencoded in the text', textMail('begin 644 cat.gif', '#0V%T', '`', 'end'), 1],
    ['a signature', mail({ type: 'application/pgp-signature; name=signature.asc' }), 0],
    ['an archive of documents', holding({ name: 'a/plan.pdf' }, { name: 'b.docx' }), 1],
    ['a compressed archive of documents', named('a.tgz', gzipSync(tar('notes.txt'))), 1],
    ['a large text, compressed', named('a.gz', gzipSync(Buffer.alloc(50_000_000, 'log\n'))), 1],
    ['a document', named('plan.docx', zip([{ name: 'word/document.xml' }])), 1],
    ['an old document without macros', named('plan.doc', wordDocument), 1],
    [
      'a text that begins with MZ',
      named('MZ.txt', 'MZ is short for Mark Zbikowski, and this text is longer'),
      1,
    ],
    ['a name with a web address in it', named('www.example.org.html'), 1],
    [
      'a name written from right to left',
      mail({ disposition: "attachment; filename*=utf-8''%D7%90%E2%80%AB.pdf" }),
      1,
    ],
  ];

  it.each(cases)('%s', (_, raw, count) => {
    expect(findAttachments(raw).map(({ danger, closed }) => danger ?? closed)).toEqual(
      Array(count).fill(undefined),
    );
  });

  it('is told with its name, type and size', () => {
    const raw = mail({
      type: 'Application/PDF',
      disposition: "attachment; filename*=utf-8''%E9%B3%A5.pdf",
      content: '%PDF-',
    });
    expect(findAttachments(raw)).toEqual([{ filename: '鳥.pdf', type: 'application/pdf', bytes: 5 }]);
  });
});

describe('whatever the bytes are', () => {
  it('nothing is thrown, and names are fit for a sentence', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'PK\x03\x04',
        'PK\x01\x02',
        'Rar!\x1a\x07\x01\x00',
        'Rar!\x1a\x07\x00',
        '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
      ),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.string({ maxLength: 40, unit: fc.constantFrom('a', '.', '/', '\u202e', '\u0007', 'é') }),
        (pieces, name) => {
          const content = Buffer.from(pieces.join(''), 'latin1');
          const encoded = encodeURIComponent(name);
          for (const { filename, danger, closed } of findAttachments(
            mail({ disposition: `attachment; filename*=utf-8''${encoded}`, content }),
          ))
            expect(`${filename}${danger ?? closed ?? ''}`).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<readonly [string, Buffer]>([
    ['headers of ZIP and nothing else', named('a.zip', Buffer.alloc(4_000_000, 'PK\x03\x04'))],
    ['many bombs in one archive', holding(...Array.from({ length: 100 }, bomb))],
    ['many archives with a bomb each', archives(200)],
    ['many compressed bombs', archives(2000, gzipSync(Buffer.alloc(5_000_000)))],
    ['begin on every line', textMail('begin 644 a\r\n'.repeat(200_000))],
    ['compound files', named('a.doc', Buffer.concat([wordDocument, Buffer.alloc(4_000_000, '_\0')]))],
    ['ends of ZIP and nothing else', named('a.zip', Buffer.alloc(4_000_000, 'PK\x05\x06'))],
    ['entries and ends of ZIP', named('a.dat', Buffer.alloc(4_000_000, 'xPK\x01\x02PK\x05\x06'))],
    ['long names of tar', named('a.tar', Buffer.alloc(4_000_000, tarOf('L', ' path=', 'x')))],
    ['a name of a megabyte', named('.'.repeat(1_000_000))],
  ])('hostile megabytes do not keep it long: %s', (_, raw) => {
    const before = process.cpuUsage();
    findAttachments(raw);
    const { user, system } = process.cpuUsage(before);
    // Of the processor, in microseconds: the machine may be busy with other things.
    expect(user + system).toBeLessThan(500_000);
  });
});

function archives(count: number, archive = zip([bomb()])): Buffer {
  const part = [
    '--b',
    'Content-Type: application/zip',
    'Content-Transfer-Encoding: base64',
    '',
    archive.toString('base64'),
    '',
  ];
  return Buffer.from(
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.join('\r\n').repeat(count)}--b--\r\n`,
  );
}

function bomb(): ZipEntry {
  return { name: 'inner.zip', content: Buffer.alloc(3_000_000) };
}

/** Marker, main header, one file header with a byte of data. */
function rar4(name: string): Buffer {
  const head = Buffer.alloc(32);
  head[2] = 0x74;
  head.writeUInt16LE(0x8000, 3);
  head.writeUInt16LE(32 + name.length, 5);
  head.writeUInt32LE(1, 7);
  head.writeUInt16LE(name.length, 26);
  const main = Buffer.from('00007300000d00000000000000', 'hex');
  return Buffer.concat([
    Buffer.from('526172211a0700', 'hex'),
    main,
    head,
    Buffer.from(name),
    Buffer.from('x'),
  ]);
}

function rar5(name: string): Buffer {
  const fields = [2, 2, 1, 0, 1, 0x20, 0, 0, name.length];
  const size = fields.length + name.length;
  const main = Buffer.from('0000000003010000', 'hex');
  return Buffer.concat([
    Buffer.from('526172211a070100', 'hex'),
    main,
    Buffer.from([0, 0, 0, 0, size, ...fields]),
    Buffer.from(`${name}x`),
  ]);
}

function tar(...names: string[]): Buffer {
  return Buffer.concat(names.map((name) => tarOf(name, 'hello')));
}

function tarOf(name: string, content: Buffer | string, type = '0', prefix = ''): Buffer {
  const file = Buffer.from(content);
  const block = Buffer.alloc(512 + Math.ceil(file.length / 512) * 512);
  block.write(name, 0);
  block.write(`${file.length.toString(8).padStart(11, '0')}\0`, 124);
  block.write(type, 156);
  block.write('ustar', 257);
  block.write(prefix, 345);
  file.copy(block, 512);
  return block;
}
