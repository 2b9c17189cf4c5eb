/** A node of one thread as the store keeps it; without a post it is a phantom. */
export interface OutlineNode {
  readonly id: number;
  readonly parent: number | null;
  readonly postId: number | null;
  readonly sentAt: number | null;
}

export interface OutlineEntry {
  readonly postId: number;
  /** Posts above it, and the nearest of them. */
  readonly depth: number;
  readonly answers: number | null;
}

/**
 * A thread's posts in reading order: answers below what they answer, siblings by their date. Phantoms are left out; their children stand
 * where they would. Chains may be tens of thousands deep, so nothing here recurses.
 */
export function outlineOf(nodes: readonly OutlineNode[]): OutlineEntry[] {
  const children = childrenOf(nodes);
  const entries: OutlineEntry[] = [];
  const open: Open[] = (children.get(top) ?? []).map((node) => ({ node, depth: 0, answers: null }));
  for (let at = open.pop(); at; at = open.pop()) {
    const { node, depth, answers } = at;
    const { postId } = node;
    if (postId !== null) entries.push({ postId, depth, answers });
    const inside = postId === null ? { depth, answers } : { depth: depth + 1, answers: postId };
    for (const child of children.get(node.id) ?? []) open.push({ node: child, ...inside });
  }
  return entries;
}

/** A node still to be read: the last one in the list is the next. */
interface Open extends Omit<OutlineEntry, 'postId'> {
  readonly node: OutlineNode;
}

/** Stands for the parent of those that have none here. */
const top = 0;

/** Latest first, as `open` needs them. */
function childrenOf(nodes: readonly OutlineNode[]): Map<number, OutlineNode[]> {
  const ids = new Set(nodes.map((node) => node.id));
  const children = new Map<number, OutlineNode[]>();
  for (const node of nodes) {
    const parent = node.parent !== null && ids.has(node.parent) ? node.parent : top;
    const siblings = children.get(parent) ?? [];
    siblings.push(node);
    children.set(parent, siblings);
  }
  for (const siblings of children.values()) {
    siblings.sort((a, b) => (b.sentAt ?? 0) - (a.sentAt ?? 0) || b.id - a.id);
  }
  return children;
}
