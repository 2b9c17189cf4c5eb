import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSentJournal, type Sent } from '../../src/deliver/sent-journal.ts';

function sent(id: number, reply = '2.0.0 OK queued as 4c1'): Sent {
  return { kind: 'sent', id, code: 250, reply };
}

function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'sent.journal');
}

describe('the journal of what was sent', () => {
  test('tells the next process what was noted, whoever ended the one before, and how', () => {
    const file = freshFile();
    const journal = openSentJournal(file);
    expect(journal.left).toEqual([]);
    expect(journal.note([sent(1), sent(2, '')])).toBe(true);
    expect(journal.note([sent(30, 'caf\xe9 5 6')])).toBe(true);
    expect(openSentJournal(file).left).toEqual([sent(1), sent(2, ''), sent(30, 'caf\xe9 5 6')]);
  });

  test('says in one line what neighbours were answered alike', () => {
    const file = freshFile();
    const shared = [
      ...[7, 8, 9].map((id) => sent(id, '2.1.5 ok')),
      sent(10, 'ok'),
      sent(12, 'ok'),
      sent(11, 'ok'),
    ];
    openSentJournal(file).note(shared);
    expect(readFileSync(file, 'latin1').split('\n')).toHaveLength(5);
    expect(openSentJournal(file).left).toEqual(shared);
  });

  test('can be read by its owner alone', () => {
    const file = freshFile();
    openSentJournal(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps what was left until it is written', () => {
    const file = freshFile();
    openSentJournal(file).note([sent(1)]);
    const next = openSentJournal(file);
    next.note([sent(2)]);
    expect(openSentJournal(file).left).toEqual([sent(1), sent(2)]);
    next.written([sent(2)]);
    expect(openSentJournal(file).left).toEqual([sent(2)]);
  });

  test('is empty when all that was noted is written, and takes more then', () => {
    const file = freshFile();
    const journal = openSentJournal(file);
    journal.note([sent(1), sent(2)]);
    journal.written([]);
    expect(statSync(file).size).toBe(0);
    journal.note([sent(3)]);
    expect(openSentJournal(file).left).toEqual([sent(3)]);
  });

  test('does not grow for ever, and forgets nothing that is not written', () => {
    const file = freshFile();
    const journal = openSentJournal(file);
    const many = Array.from({ length: 1_000 }, (_, i) => sent(2 * i, 'x'.repeat(200)));
    for (let round = 0; round < 20; round++) {
      journal.note(many);
      journal.written(many.slice(-3));
    }
    expect(statSync(file).size).toBeLessThan(2 * 1024 * 1024);
    expect(openSentJournal(file).left.slice(0, 3)).toEqual(many.slice(-3));
    journal.written([]);
    expect(statSync(file).size).toBe(0);
  });

  test.each([
    ['a reply cut short', '7 250 OK\n8 250 O', [sent(7, 'OK'), sent(8, 'O')]],
    ['a number cut short', '7 250 OK\n81', [sent(7, 'OK')]],
    ['a code cut short', '7 250 OK\n81 25', [sent(7, 'OK')]],
    ['a line without its reply', '7 250 OK\n8\n9 250 OK\n', [sent(7, 'OK'), sent(9, 'OK')]],
    ['bytes that mean nothing', '\0\0\0\0\n9 250 OK\n', [sent(9, 'OK')]],
    ['nothing', '', []],
  ])('takes what it can of %s', (_, text, left) => {
    const file = freshFile();
    writeFileSync(file, text);
    expect(openSentJournal(file).left).toEqual(left);
  });

  test('begins a line of its own after one that was cut short', () => {
    const file = freshFile();
    appendFileSync(file, '7 250 OK\n81 2');
    openSentJournal(file).note([sent(9, 'OK')]);
    expect(openSentJournal(file).left).toEqual([sent(7, 'OK'), sent(9, 'OK')]);
  });

  test('is gone after a good end', () => {
    const file = freshFile();
    const journal = openSentJournal(file);
    journal.note([sent(1)]);
    journal.close();
    expect(existsSync(file)).toBe(false);
  });

  test('says so where the file takes no more', () => {
    const journal = openSentJournal(freshFile());
    journal.close();
    expect(journal.note([sent(1)])).toBe(false);
  });
});
