/** Addresses `base/prefix` in 128 bits; IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so both are compared alike. */
export interface Network {
  readonly base: bigint;
  /** 0 to 128. */
  readonly prefix: number;
}

/** `192.0.2.0/24`, `2001:db8::/32` or a single address; undefined when it is none of these. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.trim().split('/');
  const base = parseIp(address);
  if (base === undefined || rest.length > 0) return undefined;
  if (length === undefined) return { base, prefix: 128 };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  const prefix = address.includes(':') ? bits : bits + 96;
  return prefix <= 128 && bits >= 0 ? { base, prefix } : undefined;
}

/** Whether `ip`, as a socket tells it, is in one of the networks. What is no IP address (a Unix socket has none) is in none. */
export function isInNetworks(ip: string, networks: readonly Network[]): boolean {
  const address = networks.length > 0 ? parseIp(ip) : undefined;
  return (
    address !== undefined &&
    networks.some(({ base, prefix }) => (address ^ base) >> BigInt(128 - prefix) === 0n)
  );
}

/**
 * What a limit "per address" counts: the IPv4 address, or the /64 an IPv6 host has to itself and can vary at will
 * (RFC 6177 §2: a site gets at least that).
 */
export function countedNetwork(ip: string): string {
  const address = parseIp(ip);
  if (address === undefined) return ip;
  return address >> 32n === 0xffffn ? `v4:${address & 0xffff_ffffn}` : `v6:${address >> 64n}`;
}

/**
 * The network a request came from, as it is counted and told (email.md §2.6, §2.8): `192.0.2.x` for an IPv4 /24, the first 48 bits
 * of an IPv6 address. What is no address comes back as it is.
 */
export function networkOf(ip: string): string {
  const address = parseIp(ip);
  if (address === undefined) return ip;
  if (address >> 32n === 0xffffn) {
    const octets = [24n, 16n, 8n].map((shift) => (address >> shift) & 0xffn);
    return `${octets.join('.')}.x`;
  }
  const groups = [112n, 96n, 80n].map((shift) => ((address >> shift) & 0xffffn).toString(16));
  return `${groups.join(':')}::/48`;
}

/** 128 bits, or undefined. A zone (`fe80::1%eth0`) is left out. */
function parseIp(text: string): bigint | undefined {
  const [address = ''] = text.split('%');
  const v4 = parseV4(address);
  return v4 !== undefined ? (0xffffn << 32n) | v4 : parseV6(address);
}

function parseV4(text: string): bigint | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255)
    ? octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)
    : undefined;
}

/** RFC 4291 §2.2: eight groups, at most one `::`, perhaps a dotted IPv4 address as the last two. */
function parseV6(text: string): bigint | undefined {
  const dotted = /^(.*:)([\d.]+)$/.exec(text);
  const tail = dotted?.[2]?.includes('.') ? parseV4(dotted[2]) : undefined;
  const plain =
    tail === undefined
      ? text
      : `${dotted?.[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = halves.flat();
  const gap = 8 - groups.length;
  if (halves.length > 2 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const all = [...(halves[0] ?? []), ...Array<string>(gap).fill('0'), ...(halves[1] ?? [])];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
