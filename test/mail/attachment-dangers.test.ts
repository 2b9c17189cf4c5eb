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

describe('what anybody may open', () => {
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ['a mail of one text', textMail('Hello', 'let us begin 644 things'), 0],
    ['a text that starts a line with begin', textMail('begin 644 the work', 'tomorrow we go on'), 0],
    ['a PDF', named('plan.pdf', '%PDF-1.7'), 1],
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
    expect(dangers(raw)).toEqual(Array(count).fill(undefined));
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
          for (const { filename, danger } of findAttachments(
            mail({ disposition: `attachment; filename*=utf-8''${encoded}`, content }),
          ))
            expect(`${filename}${danger ?? ''}`).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
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
  return Buffer.concat(
    names.map((name) => {
      const block = Buffer.alloc(1024);
      block.write(name, 0);
      block.write('00000000005\0', 124);
      block.write('ustar', 257);
      return block;
    }),
  );
}
