import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOutput, isoTime, type RowsView, shortTime } from '../../src/cli/output.ts';

interface Bird {
  readonly name: string;
  readonly seen: number | null;
}
const view: RowsView<Bird> = {
  columns: [
    ['name', ({ name }) => name],
    ['seen', ({ seen }) => seen],
  ],
  json: ({ name, seen }) => ({ name, seen }),
  none: 'No birds.',
};
const birds: readonly Bird[] = [
  { name: 'wren', seen: 12 },
  { name: '鷺', seen: 3 },
];

function capture({ terminal = false, json = false, columns = 80 } = {}) {
  const stdout = Object.assign(new PassThrough(), { isTTY: terminal, columns });
  const stderr = new PassThrough();
  const output = createOutput({ stdout, stderr } as never, () => json);
  return { output, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

describe('rows', () => {
  it('are aligned columns where programs read, wide characters included', () => {
    const { output, out } = capture();
    output.rows(birds, view);
    expect(out()).toBe('name  seen\nwren    12\n鷺       3\n');
  });

  it.each<[name: string, columns: number, printed: unknown]>([
    [
      'have no lines where a terminal is just too narrow for them',
      14,
      'name  seen\nwren    12\n鷺       3\n',
    ],
    ['are as narrow as that', 10, 'name  seen\nwren    12\n鷺       3\n'],
    ['have lines where a terminal is wide enough', 16, expect.stringContaining('│ wren │   12 │')],
    ['have lines where a terminal does not say how wide it is', 0, expect.stringContaining('│ wren │')],
    ['are a block each where it is narrower still', 9, 'name  wren\nseen  12\n\nname  鷺\nseen  3\n'],
  ])('%s', (_, columns, printed) => {
    const { output, out } = capture({ terminal: true, columns });
    output.rows(birds, view);
    expect(out()).toEqual(printed);
  });

  it('are one JSON document when asked for', () => {
    const { output, out } = capture({ json: true, terminal: true });
    output.rows(birds, view);
    expect(JSON.parse(out())).toEqual(birds);
  });

  it('that are none are said on standard error, and an empty array in JSON', () => {
    const people = capture();
    people.output.rows([], view);
    expect([people.out(), people.err()]).toEqual(['', 'No birds.\n']);
    const program = capture({ json: true });
    program.output.rows([], view);
    expect([program.out(), program.err()]).toEqual(['[]\n', '']);
  });
});

describe('a mail', () => {
  const raw = Buffer.from('Subject: a\u001b[2Jb\r\n\r\nGood morning\r\n');

  it('is harmless on a terminal', () => {
    const { output, out } = capture({ terminal: true });
    output.mail(raw);
    expect(out()).toBe('Subject: a\ufffd[2Jb\n\nGood morning\n');
  });

  it('is what it is in a file', () => {
    const { output, out } = capture();
    output.mail(raw);
    expect(out()).toBe('Subject: a\u001b[2Jb\n\nGood morning\n');
  });
});

describe('text from outside', () => {
  it.each([
    ['an escape sequence', 'a\u001b[2Jb', 'a�[2Jb'],
    ['a one-byte escape', 'a\u009b2Jb', 'a�2Jb'],
    ['an overriding direction', 'exe.\u202ecod', 'exe.�cod'],
    ['a line break', 'a\r\n b\tc', 'a  b c'],
    ['letters of any language', 'Grüße, 鷺 🦆', 'Grüße, 鷺 🦆'],
  ])('cannot play with the terminal: %s', (_, name, shown) => {
    const { output, out } = capture();
    output.facts([['name', name]], undefined);
    expect(out()).toBe(`name  ${shown}\n`);
  });
});

describe('the rest', () => {
  it('facts stand under each other', () => {
    const { output, out } = capture();
    output.facts(
      [
        ['address', 'birds@lists.example.org'],
        ['open', true],
        ['closed', null],
      ],
      undefined,
    );
    expect(out()).toBe('address  birds@lists.example.org\nopen     yes\nclosed\n');
  });

  it('a deed is a sentence, or its document', () => {
    const people = capture();
    people.output.done('Made birds.', { name: 'birds' });
    expect(people.out()).toBe('Made birds.\n');
    const program = capture({ json: true });
    program.output.done('Made birds.', { name: 'birds' });
    expect(JSON.parse(program.out())).toEqual({ name: 'birds' });
  });

  it('times are UTC', () => {
    expect([isoTime(1_795_294_033_000), shortTime(1_795_294_033_000)]).toEqual([
      '2026-11-21T20:47:13.000Z',
      '2026-11-21 20:47',
    ]);
  });
});
