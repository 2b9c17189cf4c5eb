import { describe, expect, onTestFinished, test } from 'vitest';
import { createSmarthost, type SmarthostOptions } from '../../src/deliver/smarthost.ts';
import { parseSmarthost } from '../../src/deliver/smarthost-url.ts';
import type { RecipientAnswer, Transaction } from '../../src/deliver/transaction.ts';
import { toWireMessage } from '../../src/deliver/wire-message.ts';
import { silentLog } from '../../src/domain/log.ts';
import { describeAnswer } from '../../src/domain/outcome.ts';
import { testCertificate } from '../support/certificate.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';

const modes = [
  ['with pipelining', true],
  ['one command at a time', false],
] as const;

describe.each(modes)('a stream of mail, %s', (_, pipelining) => {
  const open = (options: SinkOptions = {}) => openSink({ pipelining, ...options });

  test('every mail arrives once and whole, over one connection', async () => {
    const sink = await open();
    const sent = send(sink.url, [mail('a'), mail('b'), mail('c', { text: '.dots\n..\r\n.\r\n\xe9' })]);
    expect(await sent.answers).toEqual({ a: '250 2.0.0 taken', b: '250 2.0.0 taken', c: '250 2.0.0 taken' });
    expect(sink.mails.map(({ to }) => to[0])).toEqual(['a@example.net', 'b@example.net', 'c@example.net']);
    expect(sink.mails[2]?.data).toBe('X: c\r\nSubject: hi\r\n\r\n.dots\r\n..\r\n.\r\n\xe9\r\n');
    expect(sink.connections).toBe(1);
  });

  test('mails of every size arrive octet for octet, whichever way they are written', async () => {
    const sink = await open();
    const sizes = [0, 100, 14_000, 14 * 1024, 14 * 1024 + 1, 20_000, 200_000];
    const texts = sizes.map((size) => '\xe9 ~\r\n'.repeat(size / 5));
    const sent = send(
      sink.url,
      texts.map((text, i) => mail(`m${i}`, { text })),
    );
    await sent.answers;
    expect(sink.mails.map(({ data }) => data)).toEqual(
      texts.map((text, i) => `X: m${i}\r\nSubject: hi\r\n\r\n${text}`),
    );
    expect(sink.connections).toBe(1);
  });

  test('a refused recipient stays alone with it', async () => {
    const sink = await open({ rcpt: (to) => (to.startsWith('b@') ? '550 5.1.1 no such user' : undefined) });
    const { answers } = send(sink.url, [mail('a'), mail('b'), mail('c'), mail('d', { to: ['d', 'b', 'e'] })]);
    expect(await answers).toEqual({
      a: '250 2.0.0 taken',
      b: 'rcpt 550 5.1.1 no such user',
      c: '250 2.0.0 taken',
      d: '250 2.0.0 taken',
      'd/b': 'rcpt 550 5.1.1 no such user',
      'd/e': '250 2.0.0 taken',
    });
    expect(sink.mails.map(({ to }) => to.length)).toEqual([1, 1, 2]);
  });

  const latin1 = (text: string) => Buffer.from(text).toString('latin1');
  const utf8Mail = { ...mail('c'), message: toWireMessage([Buffer.from('Subject: Vögel\r\n\r\n')], true) };

  test('what is in UTF-8 is announced to a server that takes it, and only that', async () => {
    const sink = await open({ utf8: true });
    await send(sink.url, [mail('a'), mail('b', { to: ['x', 'jøran'] }), utf8Mail]).answers;
    expect(sink.mails.map(({ to, parameters }) => [...to, /SMTPUTF8/.test(parameters)])).toEqual([
      ['a@example.net', false],
      ['x@example.net', 'jøran@example.net', true],
      ['c@example.net', true],
    ]);
  });

  test.each<[string, SinkOptions, readonly string[]]>([
    ['8BITMIME', { eightBitMime: false, utf8: false }, ['seven-bit', 'hi', 'seven-bit']],
    ['only SMTPUTF8', { utf8: false }, ['hi', 'hi', 'ascii-head']],
    ['nothing', { utf8: true }, ['hi', 'hi', 'Vögel']],
  ])(
    'what needs more than a server without %s takes comes in another form',
    async (__, options, subjects) => {
      const sink = await open(options);
      await send(sink.url, [mail('a', { text: '\xe9\r\n' }), mail('b'), utf8Mail]).answers;
      const bySender = [...sink.mails].sort((x, y) => x.from.localeCompare(y.from));
      expect(bySender.map(({ data }) => /^Subject: (.*)\r/m.exec(data)?.[1])).toEqual(subjects.map(latin1));
    },
  );

  test('a recipient in UTF-8 fails alone where the server does not take that', async () => {
    const sink = await open();
    const { answers } = send(sink.url, [
      mail('a', { to: ['ø'] }),
      mail('b', { to: ['ø', 'x', 'ø', 'y', 'ø'] }),
      mail('c'),
      mail('d', { to: ['x', 'ø'] }),
    ]);
    const no = 'rcpt 550 5.6.7 the next server takes no addresses outside ASCII (it does not offer SMTPUTF8)';
    expect(await answers).toMatchObject({
      a: no,
      b: no,
      'b/x': '250 2.0.0 taken',
      'b/y': '250 2.0.0 taken',
      c: '250 2.0.0 taken',
      d: '250 2.0.0 taken',
      'd/ø': no,
    });
    expect(sink.mails.map(({ to }) => to)).toEqual([
      ['x@example.net', 'y@example.net'],
      ['c@example.net'],
      ['x@example.net'],
    ]);
    expect(sink.commands.some(({ line }) => line.includes('UTF8') || /[^ -~]/.test(line))).toBe(false);
  });

  test('a mail refused at MAIL, at DATA or after the dot does not hurt the next', async () => {
    const sink = await open({
      mail: (from) => (from.startsWith('a') ? '550 5.7.1 not you' : undefined),
      data: (from) => (from.startsWith('b') ? '451 4.3.0 later' : undefined),
      message: ({ from }) => (from.startsWith('c') ? '554 5.6.0 not that' : undefined),
    });
    expect(await send(sink.url, [mail('a'), mail('b'), mail('c'), mail('d')]).answers).toEqual({
      a: 'mail 550 5.7.1 not you',
      b: 'data 451 4.3.0 later',
      c: 'dot 554 5.6.0 not that',
      d: '250 2.0.0 taken',
    });
  });

  test('an empty mail ends a transaction that nobody wants and DATA was accepted for', async () => {
    const sink = await open({
      rcpt: (to) => (to.startsWith('a@') ? '550 5.1.1 no' : undefined),
      data: () => '354 whatever',
    });
    expect(await send(sink.url, [mail('a'), mail('b')]).answers).toEqual({
      a: 'rcpt 550 5.1.1 no',
      b: '250 2.0.0 taken',
    });
    expect(sink.mails).toHaveLength(1);
  });

  test('a connection lost after the dot leaves the mail unanswered, and the next untouched', async () => {
    const sink = await open({ message: () => 'cut' });
    const sent = send(sink.url, [mail('a'), mail('b')]);
    expect(await sent.settled).toMatch(/^dot (the connection was closed|.*ECONNRESET)$/);
    expect(sent.answered()).toEqual(['a']);
  });

  test('421 after the dot is an answer', async () => {
    const sink = await open({ message: () => '421 4.3.2 going down' });
    const sent = send(sink.url, [mail('a'), mail('b')]);
    expect(await sent.settled).toBe('dot 421 4.3.2 going down');
  });

  test.each([
    ['MAIL', { mail: () => '421 4.7.0 too many of you' }, 'mail 421 4.7.0 too many of you'],
    ['RCPT', { rcpt: () => '421 4.3.2 not for that one' }, 'rcpt 421 4.3.2 not for that one'],
    ['DATA', { data: () => '421 4.3.2 going down' }, 'data 421 4.3.2 going down'],
  ])('421 at %s is an answer to the first of a connection', async (_, script, said) => {
    const sink = await open(script);
    const sent = send(sink.url, [mail('a')]);
    expect(await sent.settled).toBe(said);
  });

  test('a connection lost at RCPT is lost for the first that it gets', async () => {
    const sink = await open({ rcpt: () => 'cut' });
    expect(await send(sink.url, [mail('a')]).settled).toMatch(
      /^rcpt (the connection was closed|.*ECONNRESET)$/,
    );
  });

  test('a server that takes a hundred recipients gets them in one transaction', async () => {
    const sink = await open();
    const to = Array.from({ length: 100 }, (_, i) => `r${i}`);
    await send(sink.url, [mail('a', { to })]).answers;
    expect(sink.mails.map((taken) => taken.to.length)).toEqual([100]);
  });

  test('silence ends at the time limit', async () => {
    const sink = await open({ message: () => 'silence' });
    const sent = send(sink.url, [mail('a')], { timeouts: { answer: 50 } });
    expect(await sent.settled).toBe('dot no answer in time');
  });

  test('an answer that is no SMTP ends the connection', async () => {
    const sink = await open({ rcpt: () => 'what?' });
    expect(await send(sink.url, [mail('a')]).settled).toBe('rcpt no SMTP reply: "what?"');
  });

  test('nor does one out of place pass for a yes', async () => {
    const sink = await open({ rcpt: () => '354 go on' });
    expect(await send(sink.url, [mail('a')]).settled).toMatch(/^rcpt an answer out of place: 354/);
    const other = await openSink({ pipelining, data: () => '250 fine' });
    expect(await send(other.url, [mail('a')]).settled).toMatch(/^data an answer out of place: 250/);
    expect(sink.mails).toEqual([]);
  });
});

describe('an envelope', () => {
  test('declares the size, and eight bits where the server takes them', async () => {
    const sink = await openSink();
    await send(sink.url, [mail('a'), mail('b', { text: '\xfc\r\n' })]).answers;
    expect(sink.mails[0]?.parameters).toMatch(/^SIZE=\d+$/);
    expect(sink.mails[1]?.parameters).toMatch(/^SIZE=\d+ BODY=8BITMIME$/);
  });

  test('does not declare what is not offered', async () => {
    const sink = await openSink({ eightBitMime: false });
    await send(sink.url, [mail('b', { text: '\xfc\r\n' })]).answers;
    expect(sink.mails[0]?.parameters).toMatch(/^SIZE=\d+$/);
    expect(sink.mails[0]?.data).toContain('\xe9');
  });

  test('goes out before the message ahead of it is answered, and no more than one does', async () => {
    const sink = await openSink({ message: () => 'cut' });
    const sent = send(sink.url, [mail('a'), mail('b'), mail('c')]);
    await sent.settled;
    expect(sent.asked()).toEqual(['a', 'b']);
  });

  test('waits for the answer where the server takes no pipelining', async () => {
    const sink = await openSink({ pipelining: false, message: () => 'cut' });
    const sent = send(sink.url, [mail('a'), mail('b')]);
    await sent.settled;
    expect(sent.asked()).toEqual(['a']);
  });
});

describe('connections', () => {
  test('are as many as are allowed', async () => {
    const sink = await openSink();
    const mails = Array.from({ length: 60 }, (_, i) => mail(`m${i}`));
    await send(sink.url, mails, { connections: 3 }).answers;
    expect(sink.connections).toBeLessThanOrEqual(3);
    expect(sink.mails).toHaveLength(60);
  });

  test('are kept while they are idle, then closed with QUIT', async () => {
    const sink = await openSink();
    const sent = send(sink.url, [mail('a')], { timeouts: { idle: 100 } });
    await sent.answers;
    sent.more([mail('b')]);
    await sink.received(2);
    expect(sink.connections).toBe(1);
    await sent.until(() => sink.commands.some(({ line }) => line === 'QUIT'));
  });

  test('one more than the server takes is no trouble', async () => {
    const sink = await openSink({
      greeting: (connection) => (connection > 1 ? '421 4.7.0 only one' : undefined),
    });
    const mails = Array.from({ length: 20 }, (_, i) => mail(`m${i}`));
    const sent = send(sink.url, mails, { connections: 1 });
    await sent.answers;
    expect(sink.mails).toHaveLength(20);
  });

  test('a server that ends the connection after some mails is visited again', async () => {
    const seen = new Map<number, number>();
    const sink = await openSink({
      mail: (_, connection) => {
        const count = (seen.get(connection) ?? 0) + 1;
        seen.set(connection, count);
        return count > 2 ? '421 4.7.0 that was enough' : undefined;
      },
    });
    const sent = send(sink.url, [mail('a'), mail('b'), mail('c'), mail('d'), mail('e')]);
    await sent.answers;
    expect(sink.mails).toHaveLength(5);
    expect(sink.connections).toBe(3);
  });

  test('refused ones are trouble', async () => {
    const sink = await openSink();
    await sink.close();
    expect(await send(sink.url, [mail('a')]).trouble).toMatch(/^connect .*ECONNREFUSED/);
  });

  test.each([
    ['554 5.3.2 no service here', /^connect 554 5.3.2 no service here$/],
    ['421 4.3.2 not now', /^connect 421 4.3.2 not now$/],
    ['cut' as const, /^connect .*closed/],
    ['hello' as const, /^connect .*/],
  ])('a greeting of %j is trouble', async (greeting, expected) => {
    const sink = await openSink({ greeting: () => greeting });
    expect(await send(sink.url, [mail('a')]).trouble).toMatch(expected);
  });

  test('a greeting that never comes is trouble', async () => {
    const sink = await openSink({ greeting: () => 'silence' });
    const sent = send(sink.url, [mail('a')], { timeouts: { connect: 80 } });
    expect(await sent.trouble).toMatch(/^connect .*(Greeting|timeout)/i);
  });
});

describe('TLS and login', () => {
  const certificate = testCertificate();
  const login = { user: 'lists', password: 'p@ss:word/1' };
  const withLogin = (url: string, given = login) =>
    url.replace('//', `//${encodeURIComponent(given.user)}:${encodeURIComponent(given.password)}@`);

  test.skipIf(!certificate)('STARTTLS is used where it is offered, without asking who that is', async () => {
    const sink = await openSink(certificate ? { tls: certificate } : {});
    await send(sink.url, [mail('a'), mail('b')]).answers;
    expect(sink.mails.map(({ tls }) => tls)).toEqual([true, true]);
  });

  test('a password for this machine goes without it', async () => {
    const sink = await openSink({ login });
    await send(withLogin(sink.url), [mail('a')]).answers;
    expect(sink.mails[0]?.user).toBe('lists');
  });

  test('a password for another machine is not sent in plain text', async () => {
    const sink = await openSink({ login });
    // Another name of this machine, and not one that is known to be it.
    const sent = send(withLogin(sink.url.replace('127.0.0.1', '0.0.0.0')), [mail('a')]);
    expect(await sent.trouble).toMatch(/^connect /);
    expect(sink.commands.filter(({ line }) => line.startsWith('AUTH'))).toEqual([]);
  });

  test.skipIf(!certificate)('nor to one that cannot prove its name', async () => {
    const sink = await openSink({ login, ...(certificate && { tls: certificate }) });
    const sent = send(withLogin(sink.url.replace('127.0.0.1', '0.0.0.0')), [mail('a')]);
    expect(await sent.trouble).toMatch(/^connect .*certificate/);
    expect(sink.commands.filter(({ line }) => line.startsWith('AUTH'))).toEqual([]);
  });

  test('a wrong password is told as such', async () => {
    const sink = await openSink({ login });
    const sent = send(withLogin(sink.url, { user: 'lists', password: 'no' }), [mail('a')]);
    expect(await sent.trouble).toBe('auth 535 5.7.8 wrong password');
  });

  test('a server that wants a login says so at MAIL', async () => {
    const sink = await openSink({ login });
    expect(await send(sink.url, [mail('a')]).settled).toBe('mail 530 5.7.0 log in first');
  });
});

describe('an address of a smarthost', () => {
  test.each([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 25, implicitTls: false, loopback: false }],
    ['smtps://mail.example.org', { host: 'mail.example.org', port: 465, implicitTls: true, loopback: false }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, implicitTls: false, loopback: true }],
    ['smtp://127.1.2.3', { host: '127.1.2.3', port: 25, implicitTls: false, loopback: true }],
    ['smtp://localhost', { host: 'localhost', port: 25, implicitTls: false, loopback: true }],
    [
      'smtp://u%40x:p%2F%3A@h.example:587',
      {
        host: 'h.example',
        port: 587,
        implicitTls: false,
        loopback: false,
        login: { user: 'u@x', password: 'p/:' },
      },
    ],
  ])('%s', (url, expected) => {
    expect(parseSmarthost(url)).toEqual(expected);
  });

  test('is shown without its password', () => {
    const transport = createSmarthost({
      to: parseSmarthost('smtp://user:secret@h.example:587'),
      hostname: 'x',
      connections: 1,
      log: silentLog,
    });
    expect(transport.destination).toBe('h.example:587');
  });
});

interface TestMail extends Transaction {
  readonly name: string;
}

function mail(name: string, { to = [name], text = 'hello\r\n' } = {}): TestMail {
  return {
    name,
    returnPath: `${name}@lists.example.org`,
    recipients: to.map((local) => `${local}@example.net`),
    personalHead: `X: ${name}\r\n`,
    form: 'full',
    message: toWireMessage([Buffer.from(`Subject: hi\r\n\r\n${text}`, 'latin1')]),
  };
}

/** Sends mails through a smarthost transport; what comes back is told in words. */
function send(url: string, mails: readonly TestMail[], options: Partial<SmarthostOptions> = {}) {
  const queue = [...mails];
  const answered = new Map<string, string>();
  const order: string[] = [];
  const asked: string[] = [];
  const checks = new Set<() => void>();
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const timer = setInterval(check, 5);
      function check() {
        if (!done()) return;
        clearInterval(timer);
        checks.delete(check);
        resolve();
      }
      checks.add(check);
      check();
    });
  let stopped = false;
  let troubled: string | undefined;
  let settled: string | undefined;
  let expected = mails.length;
  const transport = createSmarthost({
    to: parseSmarthost(url),
    hostname: 'lists.example.org',
    connections: 1,
    log: silentLog,
    ...options,
    timeouts: { close: 50, ...options.timeouts },
  });
  onTestFinished(() => transport.close());
  const tell = (stage: string, answer: RecipientAnswer['answer']) => {
    const text = describeAnswer(answer);
    return text.startsWith('250') ? text : `${stage} ${text}`;
  };
  const trouble = (stage: string, answer: RecipientAnswer['answer']) => {
    stopped = true;
    troubled ??= tell(stage, answer);
    for (const check of checks) check();
  };
  transport.start({
    next() {
      const next = stopped ? undefined : queue.shift();
      if (next) asked.push(next.name);
      return next;
    },
    settled(transaction, answers) {
      const { name } = transaction as TestMail;
      order.push(name);
      answers.forEach(({ stage, answer }, i) => {
        const key = i === 0 ? name : `${name}/${transaction.recipients[i]?.split('@')[0]}`;
        answered.set(key, tell(stage, answer));
        settled ??= tell(stage, answer);
        stopped ||= answer.kind === 'lost';
      });
      for (const check of checks) check();
    },
    reshape(transaction, form) {
      const message = toWireMessage([Buffer.from(`Subject: ${form}\r\n\r\n\xe9`, 'latin1')]);
      queue.push({ ...(transaction as TestMail), form, message });
      setImmediate(() => transport.offer(queue.length));
    },
    returned(transaction) {
      queue.unshift(transaction as TestMail);
      if (!stopped) transport.offer(queue.length);
    },
    trouble,
    roomAgain() {
      transport.offer(queue.length);
    },
    ended() {},
  });
  transport.offer(queue.length);
  return {
    /** By name, once everything has been answered. */
    answers: until(() => order.length >= expected).then(() => Object.fromEntries(answered)),
    /** The first answer, with the stage it came at. */
    settled: until(() => settled !== undefined).then(() => settled),
    trouble: until(() => troubled !== undefined).then(() => troubled),
    answered: () => order,
    asked: () => asked,
    more(further: readonly TestMail[]) {
      expected += further.length;
      queue.push(...further);
      transport.offer(queue.length);
    },
    until,
  };
}
