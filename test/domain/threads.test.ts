import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arrival,
  longestChain,
  referenceChain,
  type ThreadNode,
} from '../../src/domain/thread-rules.ts';
import { placeInThreads } from '../../src/domain/threads.ts';

const day = 86_400_000;

/** A post by its Message-ID, what it refers to, and how it resembles others. */
function post(messageId: string, chain: readonly string[] = [], more: Partial<Arrival> = {}): Arrival {
  return { messageId, chain, baseSubject: '', isReply: false, sentAt: 0, ...more };
}

/** Places posts as one batch in an empty archive: `child<parent` for each link, and the threads as sorted groups of names. */
function place(...posts: Arrival[]) {
  const { nodes } = placeInThreads({ nodes: [], sizes: new Map(), likenesses: new Map() }, posts);
  return summary(nodes);
}

function summary(nodes: readonly ThreadNode[]) {
  const nameOf = new Map(nodes.map((node) => [node.id, node.messageId]));
  const threads = new Map<number, string[]>();
  for (const node of nodes) {
    const names = threads.get(node.thread) ?? [];
    names.push(node.messageId);
    threads.set(node.thread, names);
  }
  return {
    links: nodes
      .filter((node) => node.parent !== null)
      .map((node) => `${node.messageId}<${nameOf.get(node.parent ?? 0)}`)
      .sort(),
    threads: [...threads.values()].map((names) => names.sort().join(' ')).sort(),
  };
}

describe('placing posts', () => {
  test('two posts that know nothing of each other are two threads', () => {
    expect(place(post('a'), post('b'))).toEqual({ links: [], threads: ['a', 'b'] });
  });

  test('an answer stands below what it answers', () => {
    expect(place(post('a'), post('b', ['a']))).toEqual({ links: ['b<a'], threads: ['a b'] });
  });

  test('a child that comes before its parent finds it later', () => {
    expect(place(post('b', ['a']), post('a'))).toEqual({ links: ['b<a'], threads: ['a b'] });
  });

  test('two children of a parent that never comes are one thread', () => {
    expect(place(post('b', ['a']), post('c', ['a']))).toEqual({ links: ['b<a', 'c<a'], threads: ['a b c'] });
  });

  test('references give the ancestors that nobody has seen', () => {
    expect(place(post('d', ['a', 'b', 'c'])).links).toEqual(['b<a', 'c<b', 'd<c']);
  });

  test('a message keeps the parent of its own headers, whatever others say', () => {
    expect(place(post('x', ['a', 'c']), post('c', ['b'])).links).toEqual(['c<b', 'x<c']);
    expect(place(post('c', ['b']), post('x', ['a', 'c'])).links).toEqual(['c<b', 'x<c']);
  });

  test('what others say fills a parent that is not known otherwise', () => {
    expect(place(post('c', []), post('x', ['a', 'c'])).links).toEqual(['c<a', 'x<c']);
  });

  test('threads merge when a message ties them together', () => {
    expect(place(post('a'), post('b'), post('c', ['a', 'b'])).threads).toEqual(['a b c']);
  });

  test('two that answer each other make no loop', () => {
    expect(place(post('a', ['b']), post('b', ['a'])).links).toEqual(['a<b']);
  });

  test('one that answers itself through others makes no loop', () => {
    expect(place(post('a', ['b']), post('b', ['c']), post('c', ['a'])).links).toEqual(['a<b', 'b<c']);
  });

  test('the same Message-ID twice is one node', () => {
    expect(place(post('a'), post('a'), post('b', ['a'])).threads).toEqual(['a b']);
  });
});

describe('posts without references', () => {
  const like = (messageId: string, sentAt: number, more: Partial<Arrival>) =>
    post(messageId, [], { sentAt, ...more });

  test('belong together by Outlook’s Thread-Index', () => {
    const threadIndex = 'ab';
    expect(place(like('a', 0, { threadIndex }), like('b', 99 * day, { threadIndex })).links).toEqual(['b<a']);
  });

  test('belong together by subject when the later one says that it answers', () => {
    const baseSubject = 'nests';
    expect(
      place(like('a', 0, { baseSubject }), like('b', day, { baseSubject, isReply: true })).links,
    ).toEqual(['b<a']);
  });

  test.each([
    ['it does not say so', { baseSubject: 'nests' }, day],
    ['the subject differs', { baseSubject: 'eggs', isReply: true }, day],
    ['more than 30 days lie between', { baseSubject: 'nests', isReply: true }, 30 * day + 1],
    ['there is no subject', { baseSubject: '', isReply: true }, day],
  ])('do not by subject when %s', (_, more, sentAt) => {
    expect(
      place(like('a', 0, { baseSubject: more.baseSubject && 'nests' }), like('b', sentAt, more)).links,
    ).toEqual([]);
  });

  test('at exactly 30 days they still do', () => {
    const baseSubject = 'nests';
    expect(
      place(like('a', 0, { baseSubject }), like('b', 30 * day, { baseSubject, isReply: true })).links,
    ).toEqual(['b<a']);
  });

  test('a post with references is never matched by subject', () => {
    const b = post('b', ['other'], { baseSubject: 'nests', isReply: true });
    expect(place(like('a', 0, { baseSubject: 'nests' }), b).threads).toEqual(['a', 'b other']);
  });
});

describe('what a mail refers to', () => {
  const chain = (references: string[], inReplyTo: string[] = [], messageId = 'me') =>
    referenceChain({ messageId, references, inReplyTo });

  test.each([
    ['References in order', chain(['a', 'b']), ['a', 'b']],
    ['In-Reply-To alone', chain([], ['a']), ['a']],
    ['In-Reply-To is the parent when it names one message', chain(['a', 'b', 'c'], ['b']), ['a', 'c', 'b']],
    ['the last reference is when it names several', chain(['a', 'b'], ['x', 'y']), ['x', 'y', 'a', 'b']],
    ['a repeated id counts where it stands last', chain(['a', 'b', 'a']), ['b', 'a']],
    ['itself is left out', chain(['a', 'me']), ['a']],
    ['nothing', chain([]), []],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  test('of too many the first and the nearest are kept', () => {
    const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
    const kept = chain(ids);
    expect(kept).toHaveLength(longestChain);
    expect([kept[0], kept[1], kept.at(-1)]).toEqual(['m0', 'm169', 'm199']);
  });
});

describe('in whatever order posts come', () => {
  const names = 'abcdefgh'.split('');
  const conversation = fc.array(
    fc.record({
      id: fc.constantFrom(...names),
      chain: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
    }),
    { maxLength: 10 },
  );
  const arrivals = (posts: readonly { id: string; chain: string[] }[]) =>
    posts.map(({ id, chain }) =>
      post(
        id,
        chain.filter((name) => name !== id),
      ),
    );

  test('threads are the messages that are tied together, and nothing is its own ancestor', () => {
    fc.assert(
      fc.property(conversation, (posts) => {
        const { nodes } = placeInThreads(
          { nodes: [], sizes: new Map(), likenesses: new Map() },
          arrivals(posts),
        );
        expect(summary(nodes).threads).toEqual(components(arrivals(posts)));
        const byId = new Map(nodes.map((node) => [node.id, node]));
        for (const node of nodes) {
          let steps = 0;
          for (let at = byId.get(node.parent ?? 0); at; at = byId.get(at.parent ?? 0))
            expect(steps++).toBeLessThan(50);
        }
      }),
    );
  });
});

/** The slow way to the same: names joined until nothing changes. */
function components(posts: readonly Arrival[]): string[] {
  const groups: Set<string>[] = [];
  for (const { messageId, chain } of posts) {
    const group = new Set([messageId, ...chain]);
    for (const other of groups.filter((candidate) => [...candidate].some((name) => group.has(name)))) {
      for (const name of other) group.add(name);
      groups.splice(groups.indexOf(other), 1);
    }
    groups.push(group);
  }
  return groups.map((group) => [...group].sort().join(' ')).sort();
}

test('a chain of 50,000 answers is placed without recursion and without going through it each time', () => {
  const forward = Array.from({ length: 50_000 }, (_, i) => post(`m${i}`, i > 0 ? [`m${i - 1}`] : []));
  const begun = performance.now();
  expect(place(...forward).threads).toHaveLength(1);
  expect(place(...forward.toReversed()).threads).toHaveLength(1);
  expect(performance.now() - begun).toBeLessThan(5000);
});
