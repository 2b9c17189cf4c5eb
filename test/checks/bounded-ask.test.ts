import { expect, test } from 'vitest';
import type { Ask } from '../../src/checks/ask.ts';
import { boundAsk } from '../../src/checks/bounded-ask.ts';
import { checkSpf } from '../../src/checks/check-spf.ts';
import { askTable, type ZoneTable } from '../support/zone-ask.ts';

const silent: Ask = () => new Promise(() => {});
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );

test('what DNS has not told when the time of a mail is over is a timeout, for all that waits and all that follows', async () => {
  const { ask, close } = boundAsk(silent, { questions: 60, ms: 30 });
  expect(await Promise.all([codeOf(ask('a.example', 'A')), codeOf(ask('b.example', 'TXT'))])).toEqual([
    'ETIMEOUT',
    'ETIMEOUT',
  ]);
  expect(await codeOf(ask('c.example', 'A'))).toBe('ETIMEOUT');
  close();
});

test('one question too many is not asked', async () => {
  let asked = 0;
  const counting: Ask = async () => {
    asked += 1;
    return [] as never;
  };
  const { ask, close } = boundAsk(counting, { questions: 2, ms: 5000 });
  expect(await Promise.all(['a', 'b', 'c'].map((name) => codeOf(ask(name, 'A'))))).toEqual([
    'answered',
    'answered',
    'ETIMEOUT',
  ]);
  expect(asked).toBe(2);
  close();
});

test('SPF that leads in a circle, or to everywhere, ends', async () => {
  const includes = Array.from({ length: 9 }, (_, i) => `include:i${i}.example`).join(' ');
  const hosts = {
    MX: Array.from({ length: 10 }, (_, i) => ({ priority: i, exchange: `h${i}.example` })),
    A: ['203.0.113.1'],
  };
  const zone: ZoneTable = {
    'circle.example': { TXT: [['v=spf1 include:circle.example -all']] },
    'wide.example': { TXT: [[`v=spf1 ${includes} mx -all`]], ...hosts },
    ...Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`i${i}.example`, { TXT: [['v=spf1 mx ~all']], ...hosts }]),
    ),
    ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`h${i}.example`, { A: ['203.0.113.1'] }])),
  };
  const question = { clientIp: '192.0.2.1', helo: 'mx.example', hostname: 'lists.example.org' };
  const resultFor = (domain: string) =>
    checkSpf({ ...question, envelopeSender: `a@${domain}` }, askTable(zone));
  expect(await resultFor('circle.example')).toMatchObject({ result: 'permerror' });
  expect(await resultFor('wide.example')).toMatchObject({ result: 'permerror' });
});
