import { type Arrival, fallbacksOf, type Likeness, subjectWindow, type ThreadNode } from './thread-rules.ts';

/** What the store knows of the messages that a batch names. */
export interface KnownThreads {
  /** The named nodes, and the ancestors of those that may become children: see `mayLoop`. */
  readonly nodes: Iterable<ThreadNode>;
  /** Nodes per thread. */
  readonly sizes: ReadonlyMap<number, number>;
  /** For arrivals without references: what the store has found for their `fallbacksOf`, by Message-ID of the arrival. */
  readonly likenesses: ReadonlyMap<string, Likeness>;
}

export interface Placement {
  readonly nodes: readonly PlacedNode[];
  /** Every node of thread `from` now belongs to `into`; in this order. */
  readonly merges: readonly { readonly from: number; readonly into: number }[];
}

/** A node that is new, or whose parent changed. */
export interface PlacedNode {
  readonly id: number;
  readonly messageId: string;
  readonly parent: number | null;
  readonly thread: number;
}

/**
 * Places posts in the order they came, after jwz's algorithm but a batch at a time: messages known only by name become phantom
 * nodes, so that a parent that comes later finds its children. Threads are the connected components; a message keeps the parent
 * that its own headers name, and hearsay (the References of others) only fills what is unknown. The same Message-ID twice is placed once.
 */
export function placeInThreads(known: KnownThreads, arrivals: readonly Arrival[]): Placement {
  const forest = plant(known);
  for (const arrival of arrivals) place(forest, arrival, known.likenesses.get(arrival.messageId));
  const changed = [...forest.byId.values()].filter((node) => node.changed);
  return {
    nodes: changed.map(({ id, messageId, parent, thread }) => ({
      id,
      messageId,
      parent,
      thread: threadOf(forest, thread),
    })),
    merges: forest.merges,
  };
}

/** The nodes of one batch while they are placed. */
interface Forest {
  readonly byId: Map<number, Growing>;
  readonly byName: Map<string, Growing>;
  /** Nodes per thread. */
  readonly sizes: Map<number, number>;
  /** Thread → the one it went into. */
  readonly merged: Map<number, number>;
  readonly merges: { readonly from: number; readonly into: number }[];
  /** The posts of this batch that later ones may resemble. */
  readonly byIndex: Map<string, Growing>;
  readonly bySubject: Map<string, { readonly node: Growing; readonly sentAt: number }>;
}

interface Growing {
  readonly id: number;
  readonly messageId: string;
  parent: number | null;
  readonly thread: number;
  changed: boolean;
  /** Of a stored node it is not known: it may have. */
  hasChildren: boolean;
}

function plant(known: KnownThreads): Forest {
  const forest: Forest = {
    byId: new Map(),
    byName: new Map(),
    sizes: new Map(known.sizes),
    merged: new Map(),
    merges: [],
    byIndex: new Map(),
    bySubject: new Map(),
  };
  for (const node of known.nodes) addKnown(forest, node);
  return forest;
}

function place(forest: Forest, arrival: Arrival, stored: Likeness = {}): void {
  let above: Growing | undefined;
  for (const messageId of arrival.chain) {
    const node = named(forest, messageId);
    if (above) link(forest, { child: node, parent: above, mayReplace: false });
    above = node;
  }
  const node = named(forest, arrival.messageId);
  const parent = above ?? (node.parent === null ? resembling(forest, arrival, stored) : undefined);
  if (parent) link(forest, { child: node, parent, mayReplace: true });
  remember(forest, arrival, node);
}

/** Makes `parent` the parent of `child`, unless that closes a loop, and joins their threads. */
function link(forest: Forest, to: { child: Growing; parent: Growing; mayReplace: boolean }): void {
  const { child, parent } = to;
  const moves = child.parent === null || (to.mayReplace && child.parent !== parent.id);
  if (moves && !isAbove(forest, child, parent)) {
    child.parent = parent.id;
    child.changed = true;
    parent.hasChildren = true;
  }
  join(forest, child.thread, parent.thread);
}

/** Whether `node` is `other` or an ancestor of it, or might be: what lies beyond the loaded nodes is not known. */
function isAbove(forest: Forest, node: Growing, other: Growing): boolean {
  // Most posts are new, and nothing is below them: without this each would be looked for up its whole chain.
  if (!node.hasChildren) return node === other;
  for (let at = other; at !== node; ) {
    if (at.parent === null) return false;
    const above = forest.byId.get(at.parent);
    // A message that nobody had named before this batch is not among the stored ones.
    if (!above) return node.id > 0;
    at = above;
  }
  return true;
}

/** The smaller joins the larger, so that a long chain that arrives backwards costs n log n and not n². */
function join(forest: Forest, one: number, other: number): void {
  const a = threadOf(forest, one);
  const b = threadOf(forest, other);
  if (a === b) return;
  const [small, large] = sizeOf(forest, a) <= sizeOf(forest, b) ? [a, b] : [b, a];
  // A thread of the store keeps its id before a new one, however small.
  const [from, into] = small > 0 && large < 0 ? [large, small] : [small, large];
  forest.sizes.set(into, sizeOf(forest, a) + sizeOf(forest, b));
  forest.merged.set(from, into);
  if (from > 0) forest.merges.push({ from, into });
}

function threadOf(forest: Forest, thread: number): number {
  let at = thread;
  for (let next = forest.merged.get(at); next !== undefined; next = forest.merged.get(at)) at = next;
  // Next time in one step.
  if (at !== thread) forest.merged.set(thread, at);
  return at;
}

function sizeOf(forest: Forest, thread: number): number {
  return forest.sizes.get(thread) ?? 1;
}

/** The post, stored or of this batch, whose conversation the arrival belongs to by likeness. */
function resembling(forest: Forest, arrival: Arrival, stored: Likeness): Growing | undefined {
  for (const fallback of fallbacksOf(arrival)) {
    const found =
      fallback.kind === 'thread-index'
        ? likeIndex(forest, fallback.threadIndex, stored)
        : likeSubject(forest, arrival, stored);
    if (found && found.messageId !== arrival.messageId) return found;
  }
  return undefined;
}

function likeIndex(forest: Forest, threadIndex: string, { byIndex }: Likeness): Growing | undefined {
  return byIndex ? addKnown(forest, byIndex) : forest.byIndex.get(threadIndex);
}

function likeSubject(forest: Forest, arrival: Arrival, { bySubject }: Likeness): Growing | undefined {
  const inBatch = forest.bySubject.get(arrival.baseSubject);
  if (inBatch && Math.abs(inBatch.sentAt - arrival.sentAt) <= subjectWindow) return inBatch.node;
  return bySubject && addKnown(forest, bySubject);
}

function remember(forest: Forest, arrival: Arrival, node: Growing): void {
  const { threadIndex, baseSubject, sentAt } = arrival;
  if (threadIndex && !forest.byIndex.has(threadIndex)) forest.byIndex.set(threadIndex, node);
  const latest = forest.bySubject.get(baseSubject)?.sentAt ?? Number.NEGATIVE_INFINITY;
  if (baseSubject && sentAt >= latest) forest.bySubject.set(baseSubject, { node, sentAt });
}

/** The node of that Message-ID; a phantom in a thread of its own when there is none. */
function named(forest: Forest, messageId: string): Growing {
  const there = forest.byName.get(messageId);
  if (there) return there;
  const id = -1 - forest.byId.size;
  forest.sizes.set(id, 1);
  return add(forest, { id, messageId, parent: null, thread: id, changed: true, hasChildren: false });
}

function addKnown(forest: Forest, node: ThreadNode): Growing {
  return forest.byId.get(node.id) ?? add(forest, { ...node, changed: false, hasChildren: true });
}

function add(forest: Forest, node: Growing): Growing {
  forest.byId.set(node.id, node);
  forest.byName.set(node.messageId, node);
  return node;
}
