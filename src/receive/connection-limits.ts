import { countedNetwork } from '../domain/network.ts';

export interface ConnectionLimits {
  /** Counts one connection in, or says why it is one too many. Peers that are exempt are never asked about. */
  admit(ip: string): 'admitted' | 'too-many' | 'too-many-from-you';
  /** Counts an admitted connection out again. */
  release(ip: string): void;
}

/** Shared by all listeners; 0 switches a limit off. */
export function createConnectionLimits(total: number, perIp: number): ConnectionLimits {
  const open = new Map<string, number>();
  let all = 0;
  return {
    admit(ip) {
      const network = countedNetwork(ip);
      const fromThere = open.get(network) ?? 0;
      if (total > 0 && all >= total) return 'too-many';
      if (perIp > 0 && fromThere >= perIp) return 'too-many-from-you';
      all += 1;
      open.set(network, fromThere + 1);
      return 'admitted';
    },
    release(ip) {
      const network = countedNetwork(ip);
      const left = (open.get(network) ?? 1) - 1;
      all -= 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    },
  };
}
