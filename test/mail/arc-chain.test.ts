import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArcChain } from '../../src/mail/arc-chain.ts';
import { nextSet } from '../../src/mail/arc-seal.ts';
import { readHead } from '../../src/mail/headers.ts';

const seal = (tags: string) => `ARC-Seal: ${tags}\r\n`;
const rest = (instance: number) =>
  `ARC-Message-Signature: a=rsa-sha256; i=${instance}; b=Zm9v\r\nARC-Authentication-Results: i=${instance}; mx.example.org; none\r\n`;
const set = (instance: number, cv = instance === 1 ? 'none' : 'pass') =>
  `${seal(`cv=${cv}; i=${instance}; b=Zm9v`)}${rest(instance)}`;
const sets = (count: number) => Array.from({ length: count }, (_, i) => set(i + 1)).join('');
const headOf = (fields: string) => readHead(Buffer.from(`${fields}\r\n`, 'latin1'));

describe('the ARC fields of a mail', () => {
  test.each<[string, string, object]>([
    ['none', 'From: a@example.org\r\n', { kind: 'none' }],
    ['one set', sets(1), { kind: 'chain' }],
    ['fifty sets', sets(50), { kind: 'chain' }],
    ['in any order', set(2) + set(1), { kind: 'chain' }],
    ['one set more than there may be', sets(51), { kind: 'broken', next: undefined }],
    ['a set that begins with two', set(2), { kind: 'broken', next: 3 }],
    ['a number left out', set(1) + set(3), { kind: 'broken', next: 4 }],
    ['a number twice', set(1) + set(1), { kind: 'broken', next: 2 }],
    ['a field too many', set(1) + seal('cv=none; i=1'), { kind: 'broken', next: 2 }],
    ['a field too few', rest(1), { kind: 'broken', next: 2 }],
    ['a field without a number', set(1) + seal('cv=pass'), { kind: 'broken', next: 2 }],
    ['no number at all', seal('cv=none'), { kind: 'broken', next: 1 }],
    ['a first set that follows others', set(1, 'pass'), { kind: 'broken', next: 2 }],
    ['said to be broken', set(1) + set(2, 'fail'), { kind: 'broken', next: undefined }],
    ['said to be broken, and gone on with', set(1, 'fail') + set(2), { kind: 'broken', next: 3 }],
    ['with the last number', set(50), { kind: 'broken', next: undefined }],
  ])('%s', (_, fields, chain) => {
    expect(readArcChain(headOf(fields))).toMatchObject(chain);
  });

  test('are read in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }), (order) => {
        const fields = sets(4).split(/(?<=\r\n)/);
        const chain = readArcChain(headOf(order.map((at) => fields[at]).join('')));
        expect(chain.kind === 'chain' && chain.sets.map(({ instance }) => instance)).toEqual([1, 2, 3, 4]);
      }),
    );
  });

  test('cost nothing to speak of where a stranger fills the head with them', () => {
    const tags = Array.from({ length: 60 }, (_, i) => `t${i}=`).join(';');
    const head = headOf(sets(48) + seal(tags).repeat(830));
    const before = process.cpuUsage();
    expect(nextSet(head, 'fail')).toBeUndefined();
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(50);
  });
});
