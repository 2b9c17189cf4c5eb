import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MailCommand, parseCommands } from '../../src/mail/commands.ts';
import { ownText } from '../../src/mail/own-text.ts';
import { en } from '../../src/mail/texts/en.ts';

const list = { name: 'birds', domain: 'lists.example.org', title: 'Birds' };
const token = 'k3m9q2x7abc4def';

describe('mail to birds-request@', () => {
  const parse = (subject: string, text: string) =>
    parseCommands(subject, text, { site: false, list }).commands;

  it.each<[string, MailCommand]>([
    ['help', { kind: 'help' }],
    ['?', { kind: 'help' }],
    ['Hilfe', { kind: 'help' }],
    ['lists', { kind: 'lists' }],
    ['which', { kind: 'which' }],
    ['SUBSCRIBE', { kind: 'join' }],
    ['"subscribe".', { kind: 'join' }],
    ['add me', { kind: 'join' }],
    ['join the list, please', { kind: 'join' }],
    ['subscribe birds', { kind: 'join' }],
    ['subscribe Alice Liddell', { kind: 'join', name: 'Alice Liddell' }],
    ['join digest', { kind: 'join', mode: 'digest' }],
    ['sub nomail "Alice Liddell"', { kind: 'join', mode: 'nomail', name: 'Alice Liddell' }],
    ['subscribe address=Alice@Example.com', { kind: 'join', address: 'alice@example.com' as never }],
    ['subscribe <alice@example.com>', { kind: 'join', address: 'alice@example.com' as never }],
    ['unsubscribe', { kind: 'leave' }],
    ['signoff birds', { kind: 'leave' }],
    ['leave *', { kind: 'leave', list: '*' }],
    ['unsubscribe alice@example.com', { kind: 'leave', address: 'alice@example.com' as never }],
    ['Please remove me from this list', { kind: 'leave' }],
    ['abmelden', { kind: 'leave' }],
    ['stop', { kind: 'leave' }],
    [`confirm ${token}`, { kind: 'confirm', token }],
    [`ok ${token.toUpperCase()}.`, { kind: 'confirm', token }],
    [`cancel ${token}`, { kind: 'cancel', token }],
    ['set digest', { kind: 'set', options: ['digest'] }],
    ['set nomail NOACK', { kind: 'set', options: ['nomail', 'noack'] }],
    ['vacation until 2026-12-31', { kind: 'vacation', until: '2026-12-31' }],
    ['vacation off', { kind: 'vacation' }],
    ['name "Alice P. Liddell"', { kind: 'name', name: 'Alice P. Liddell' }],
    ['address new@example.com', { kind: 'address', address: 'new@example.com' as never }],
    ['status', { kind: 'status' }],
    ['query birds', { kind: 'status' }],
    ['review', { kind: 'who' }],
    ['index', { kind: 'index' }],
    ['get 12', { kind: 'get', what: '12' }],
    ['get 17 18', { kind: 'get', what: '17 18' }],
    ['get 17, 18', { kind: 'get', what: '17, 18' }],
    ['search from:bob "old nests"', { kind: 'search', query: 'from:bob "old nests"' }],
    [`approve ${token}`, { kind: 'approve', held: { token } }],
    ['approve 412', { kind: 'approve', held: { id: 412 } }],
    ['discard #412.', { kind: 'discard', held: { id: 412 } }],
    [`reject ${token} too long for us`, { kind: 'reject', held: { token }, reason: 'too long for us' }],
    ['reject 412: too long for us.', { kind: 'reject', held: { id: 412 }, reason: 'too long for us.' }],
    ['pending', { kind: 'pending' }],
    ['review pending', { kind: 'pending' }],
    ['moderate <bob@example.com>', { kind: 'moderate', address: 'bob@example.com' as never }],
    ['unmoderate bob@example.com', { kind: 'unmoderate', address: 'bob@example.com' as never }],
    ['ban bob@example.com', { kind: 'ban', address: 'bob@example.com' as never }],
    ['unban bob@example.com', { kind: 'forget', address: 'bob@example.com' as never }],
    ['free', { kind: 'free' }],
    ['lock 17', { kind: 'lock', post: '17' }],
    ['unlock #17', { kind: 'unlock', post: '17' }],
    ['remove bob@example.com', { kind: 'remove', address: 'bob@example.com' as never }],
    ['add bob@example.com', { kind: 'add', address: 'bob@example.com' as never }],
    ['hold', { kind: 'hold' }],
  ])('reads "%s"', (line, command) => {
    expect(parse('', line)).toEqual([command]);
    expect(parse(line, '')).toEqual([command]);
  });

  it.each([
    'help me understand this please',
    'set up was easy',
    'set digest tomorrow',
    'who wrote that?',
    'get well soon',
    'confirm',
    'confirm my booking',
    'address of the club',
    'add a nest box',
    'ban all cars',
    'approve of nothing',
    'lock the gate',
    'hold the line',
    'review copies wanted',
    'vacation until 2026-13-45',
    'subscribe alice@localhost',
    'subscribe colour=blue',
    `search ${'x'.repeat(200)}`,
  ])('finds no command in "%s"', (line) => {
    expect(parse('', line)).toEqual([]);
  });

  it.each<[string, string, string, MailCommand[]]>([
    [
      'runs several in their order',
      '',
      'set digest\nname Alice',
      [
        { kind: 'set', options: ['digest'] },
        { kind: 'name', name: 'Alice' },
      ],
    ],
    ['runs the subject before the text', 'help', 'lists', [{ kind: 'help' }, { kind: 'lists' }]],
    ['runs a word in subject and text once', 'subscribe', 'subscribe', [{ kind: 'join' }]],
    ['takes a reply marker and a tag off the subject', 'Re: [Birds] Help', '', [{ kind: 'help' }]],
    ['passes over a greeting', 'question', 'Hello,\n\nhelp', [{ kind: 'help' }]],
    [
      'ends at the first line that is none',
      '',
      'leave\nBob Smith, Director\nset nomail',
      [{ kind: 'leave' }],
    ],
    ['ends at a stop word', '', 'set mail\nend\nset nomail', [{ kind: 'set', options: ['mail'] }]],
    ['looks at ten lines', '', `${'hello\n'.repeat(11)}help`, []],
  ])('%s', (_, subject, text, commands) => {
    expect(parse(subject, text)).toEqual(commands);
  });
});

describe('more than ten commands', () => {
  const bans = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `ban b${from + i}@x.example`);
  const left = (from: number, to: number) => bans(from, to).map((line) => ({ line, kind: 'ban' }));
  it.each<[string, string, readonly string[], number, readonly unknown[]]>([
    ['ten', '', bans(1, 10), 10, []],
    ['ten and a subject that is none', 'Please', bans(1, 10), 10, []],
    ['ten and a signature', '', [...bans(1, 10), 'Bob Smith'], 10, []],
    ['eleven', '', bans(1, 11), 10, left(11, 11)],
    ['one in the subject and ten', 'hold', bans(1, 10), 10, left(10, 10)],
    ['fourteen', '', bans(1, 14), 10, left(11, 14)],
    ['one of them twice', '', [...bans(1, 10), ...bans(1, 10)], 10, []],
    ['a signature between', '', [...bans(1, 11), 'Bob Smith', ...bans(12, 14)], 10, left(11, 11)],
    ['a stop word between', '', [...bans(1, 10), 'end', ...bans(11, 14)], 10, []],
    ['ten lines that are none before', '', [...Array(9).fill('hello'), ...bans(1, 12)], 10, left(11, 12)],
  ])('%s', (_, subject, lines, done, told) => {
    const read = parseCommands(subject, lines.join('\n'), { site: false, list });
    expect(read.commands).toHaveLength(done);
    expect(read.left).toEqual(told);
  });

  it('a mail full of them is read quickly', () => {
    const started = performance.now();
    expect(parseCommands('', bans(1, 5000).join('\n'), { site: false, list }).left).toHaveLength(990);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('mail to listserv@', () => {
  const parse = (line: string) => parseCommands('', line, { site: true }).commands;

  it.each<[string, MailCommand]>([
    ['subscribe birds', { kind: 'join', list: 'birds' }],
    ['SUBSCRIBE birds Alice Liddell', { kind: 'join', list: 'birds', name: 'Alice Liddell' }],
    ['sub birds@lists.example.org digest', { kind: 'join', list: 'birds@lists.example.org', mode: 'digest' }],
    ['unsubscribe me from birds please', { kind: 'leave', list: 'birds' }],
    ['signoff *', { kind: 'leave', list: '*' }],
    ['uns birds', { kind: 'leave', list: 'birds' }],
    ['rev birds', { kind: 'who', list: 'birds' }],
    ['set birds digest', { kind: 'set', options: ['digest'], list: 'birds' }],
    ['search birds old nests', { kind: 'search', query: 'old nests', list: 'birds' }],
    [
      'moderate birds bob@example.com',
      { kind: 'moderate', address: 'bob@example.com' as never, list: 'birds' },
    ],
    ['hold birds', { kind: 'hold', list: 'birds' }],
    ['review birds pending', { kind: 'pending', list: 'birds' }],
    ['lock birds 17', { kind: 'lock', post: '17', list: 'birds' }],
    ['approve 412', { kind: 'approve', held: { id: 412 } }],
    [`conf ${token}`, { kind: 'confirm', token }],
    ['lists', { kind: 'lists' }],
  ])('reads "%s"', (line, command) => {
    expect(parse(line)).toEqual([command]);
  });

  it.each(['subscribe', 'unsubscribe', 're birds', 'stop', 's birds'])('finds no command in "%s"', (line) => {
    expect(parse(line)).toEqual([]);
  });
});

/** Some mail programs repeat what they answer without a mark of quotation; an officer’s word is carried out. */
it.each(Object.entries(en))('our text “%s”, sent back to us, decides nothing', (_, { subject, body }) => {
  for (const scope of [{ site: true }, { site: false, list }]) {
    const kinds = parseCommands(`Re: ${subject}`, ownText(`I am away.\n\n${body}`), scope).commands.map(
      ({ kind }) => kind,
    );
    expect(['help', 'join']).toEqual(expect.arrayContaining(kinds));
  }
});

it('never throws, and never makes more commands than lines', () => {
  const word = fc.constantFrom(
    'join',
    'set',
    'confirm',
    'birds',
    '"',
    '=',
    '<',
    '>',
    'a@b.example',
    '*',
    'digest',
    '\n',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.boolean(), (words, site) => {
      expect(parseCommands('', words.join(' '), { site }).commands.length).toBeLessThanOrEqual(10);
    }),
  );
});
