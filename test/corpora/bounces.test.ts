import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifyFailure, pointsOf } from '../../src/domain/failure-class.ts';
import { type Report, readReport } from '../../src/mail/read-report.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
if (corpora === '') console.log('LISTWRIGHT_CORPORA is not set: real bounces are not tested');

type Judgement = 'hard' | 'soft' | 'nothing';

/** The gravest that a report says of anybody: what costs its address a point, less, or nothing. A warning of a delay is soft. */
function judge(report: Report): Judgement {
  if (report.kind !== 'delivery') return 'nothing';
  const points = report.recipients
    .filter(({ action }) => action === 'failed')
    .map(({ status, said, stage }) => pointsOf[classifyFailure({ status, text: said, stage })]);
  if (points.some((each) => each === pointsOf.gone)) return 'hard';
  return points.length > 0 || report.recipients.some(({ action }) => action === 'delayed')
    ? 'soft'
    : 'nothing';
}

function expectedIn<T>(folder: string): readonly (readonly [string, T])[] {
  if (corpora === '') return [];
  const stated = JSON.parse(readFileSync(join(corpora, folder, 'expected.json'), 'utf8')) as Record<
    string,
    T
  >;
  return Object.entries(stated).filter(([name]) => existsSync(join(corpora, folder, name)));
}

const read = (...path: readonly string[]) => readReport(readFileSync(join(corpora, ...path)));

interface Sisimai {
  readonly stated: boolean;
  readonly answers: readonly { readonly hardbounce: boolean; readonly reason: string }[];
}

/** What we judge otherwise than its collectors, and why. */
const known: Readonly<Record<string, string>> = {
  'lhost-amazonses-09.eml': 'JSON of a notification service, in a mail that is no report at all',
  'lhost-fml-03.eml': 'another list server says that a post came twice: no delivery failed',
  'lhost-interscanmss-02.eml':
    'it says no more than that it could not deliver: a quarter of a point is what that is worth',
  'lhost-postfix-01.eml': 'a local program broke, and its server told it with 5.1.1: the code is believed',
  'lhost-yahoo-07.eml':
    '“User unknown” without a code and without the command it answered: filters say so, too',
  'rhost-messagelabs-03.eml':
    '“542 Rejected”: only who knows that product knows that it means an unknown user',
};

describe.skipIf(corpora === '')('bounces-sisimai', () => {
  const stated = expectedIn<Sisimai>('bounces-sisimai').filter(
    ([, { stated: isStated, answers }]) => isStated && answers.length > 0,
  );
  const notFailures = new Set(['delivered', 'vacation', 'feedback']);
  const wanted = ({ answers }: Sisimai): Judgement => {
    if (answers.every(({ reason }) => notFailures.has(reason))) return 'nothing';
    return answers.some(({ hardbounce }) => hardbounce) ? 'hard' : 'soft';
  };

  it('hard, soft and no failure are told apart in at least 97 of 100, and the others are these', () => {
    const wrong = stated.filter(([name, answer]) => judge(read('bounces-sisimai', name)) !== wanted(answer));
    expect(wrong.map(([name]) => name)).toEqual(Object.keys(known));
    expect(1 - wrong.length / stated.length).toBeGreaterThanOrEqual(0.97);
  });

  it('whatever is no failure counts as nothing, without exception', () => {
    const harmless = stated.filter(([, answer]) => wanted(answer) === 'nothing');
    expect(harmless.length).toBeGreaterThan(0);
    for (const [name] of harmless)
      expect([name, judge(read('bounces-sisimai', name))]).toEqual([name, 'nothing']);
  });

  it
    .skipIf(corpora === '')
    .each(corpora === '' ? [] : readdirSync(join(corpora, 'bounces-sisimai/not-a-bounce')))(
    'not-a-bounce/%s is none',
    (name) => {
      expect(judge(read('bounces-sisimai/not-a-bounce', name))).toBe('nothing');
    },
  );

  it('the messages without a stated answer are read, too', () => {
    for (const [name] of expectedIn<Sisimai>('bounces-sisimai')) judge(read('bounces-sisimai', name));
  });
});

interface Flufl {
  readonly stated: boolean;
  readonly permanent: readonly string[];
  readonly temporary: readonly string[];
}

const unnamed: Readonly<Record<string, string>> = {
  'yale_01.txt': 'it names a local part without its domain, and some addresses as examples',
};

describe.skipIf(corpora === '')('bounces-flufl', () => {
  const stated = expectedIn<Flufl>('bounces-flufl').filter(([, answer]) => answer.stated);
  const named = (report: Report, wanted: 'failed' | 'delayed') =>
    report.kind !== 'delivery'
      ? []
      : report.recipients
          .filter(({ action }) => action === wanted)
          .flatMap(({ addresses }) => addresses.slice(0, 1).map((address) => address.toLowerCase()));
  const finds = (found: readonly string[], wanted: readonly string[]) =>
    wanted.every((address) => found.includes(address.toLowerCase()));

  it('finds the addresses that have failed, and those that are only late', () => {
    const wrong = stated.filter(([name, { permanent, temporary }]) => {
      const report = read('bounces-flufl', name);
      return !finds(named(report, 'failed'), permanent) || !finds(named(report, 'delayed'), temporary);
    });
    expect(wrong.map(([name]) => name)).toEqual(Object.keys(unnamed));
  });

  it('names nobody where nobody has failed, and takes no delay for a failure', () => {
    for (const [name, { permanent, temporary }] of stated) {
      const failed = named(read('bounces-flufl', name), 'failed');
      if (permanent.length === 0) expect([name, failed]).toEqual([name, []]);
      for (const address of temporary) expect([name, failed]).not.toContain(address);
    }
  });
});

describe.skipIf(corpora === '')('mail that must count as nothing', () => {
  it.each([
    ['autoreply-vacation', { kind: 'nothing', why: 'automatic reply' }],
    ['feedback-arf', { kind: 'complaint' }],
  ])('%s', (folder, expected) => {
    for (const [name] of expectedIn(folder)) {
      const report = read(folder, name);
      expect([name, report]).toMatchObject([name, expected]);
      expect(judge(report)).toBe('nothing');
    }
  });

  it('feedback-arf says which kind of complaint it is', () => {
    const types = expectedIn<{ answers: readonly { feedbacktype: string }[] }>('feedback-arf');
    for (const [name, { answers }] of types) {
      const report = read('feedback-arf', name);
      const type = report.kind === 'complaint' ? report.feedback.type : '';
      expect([name, type]).toEqual([name, answers[0]?.feedbacktype]);
    }
  });

  it('what people answered to mail of a list', () => {
    const folder = join(corpora, 'quoted-replies');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    for (const file of files) {
      const raw = readFileSync(join(file.parentPath, file.name));
      expect([file.name, judge(readReport(raw))]).toEqual([file.name, 'nothing']);
    }
  });
});
