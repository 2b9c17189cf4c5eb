import type { Records, Zone } from './name-server.ts';

/** The messages of DNS (RFC 1035 §4), as far as a name server for tests needs them. */

export interface DnsQuestion {
  readonly id: number;
  /** Lower case, without the dot at the end. */
  readonly name: string;
  readonly type: string;
  /** The question section as it was asked, to be sent back letter by letter. */
  readonly section: Buffer;
}

type RecordName = Exclude<keyof Records, 'ttl'>;

const types: Readonly<Record<RecordName, number>> = { A: 1, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28 };

export function readDnsQuestion(query: Buffer): DnsQuestion | undefined {
  if (query.length < 17 || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const code = query.readUInt16BE(at + 1);
  const type = Object.entries(types).find(([, known]) => known === code)?.[0] ?? `TYPE${code}`;
  return {
    id: query.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type,
    section: query.subarray(12, at + 5),
  };
}

/** Undefined: nothing is said. */
export function renderDnsAnswer(
  question: DnsQuestion,
  table: ReadonlyMap<string, Zone>,
  limit: number,
): Buffer | undefined {
  const zone = table.get(question.name);
  if (zone === 'silent') return undefined;
  if (zone === 'garbage') return Buffer.from('this is no DNS message');
  if (zone === 'servfail') return message(question, { rcode: 2, answers: [] });
  if (zone === 'wrong') {
    const section = Buffer.concat([renderName('elsewhere.example'), question.section.subarray(-4)]);
    return message(
      { ...question, section },
      { rcode: 0, answers: [record('elsewhere.example', 'TXT', 60, Buffer.from('\x05wrong'))] },
    );
  }
  const answers = follow(question.name, question.type, table);
  const rcode = zone === undefined ? 3 : 0;
  const whole = message(question, { rcode, answers });
  return whole.length <= limit ? whole : message(question, { rcode, answers: [], truncated: true });
}

/** The records of a name and of what it is an alias of. */
function follow(name: string, type: string, table: ReadonlyMap<string, Zone>): Buffer[] {
  const answers: Buffer[] = [];
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const zone: Zone | undefined = table.get(at);
    if (zone === undefined || typeof zone === 'string') break;
    const ttl = zone.ttl ?? 300;
    if (zone.CNAME !== undefined && type !== 'CNAME') {
      answers.push(record(at, 'CNAME', ttl, renderName(zone.CNAME)));
      at = zone.CNAME.toLowerCase();
      continue;
    }
    for (const data of dataOf(zone, type)) answers.push(record(at, type as RecordName, ttl, data));
    break;
  }
  return answers;
}

function dataOf(zone: Records, type: string): Buffer[] {
  switch (type) {
    case 'A':
      return (zone.A ?? []).map((ip) => Buffer.from(ip.split('.').map(Number)));
    case 'AAAA':
      return (zone.AAAA ?? []).map(renderV6);
    case 'TXT':
      return (zone.TXT ?? []).map(renderText);
    case 'PTR':
      return (zone.PTR ?? []).map(renderName);
    case 'CNAME':
      return zone.CNAME === undefined ? [] : [renderName(zone.CNAME)];
    case 'MX':
      return (zone.MX ?? []).map(([preference, host]) => {
        const number = Buffer.alloc(2);
        number.writeUInt16BE(preference);
        return Buffer.concat([number, renderName(host)]);
      });
    default:
      return [];
  }
}

interface Answer {
  readonly rcode: number;
  readonly answers: readonly Buffer[];
  readonly truncated?: boolean;
}

/** QR, AA, RD copied as set, RA. */
function message({ id, section }: DnsQuestion, { rcode, answers, truncated = false }: Answer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x8580 | (truncated ? 0x0200 : 0) | rcode, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, section, ...answers]);
}

function record(name: string, type: RecordName, ttl: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(types[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([renderName(name), fixed, data]);
}

function renderName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function renderText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const strings: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) {
    const piece = bytes.subarray(at, at + 255);
    strings.push(Buffer.from([piece.length]), piece);
  }
  return Buffer.concat(strings);
}

function renderV6(ip: string): Buffer {
  const [left = '', right] = ip.split('::');
  const head = left.split(':').filter(Boolean);
  const tail = (right ?? '').split(':').filter(Boolean);
  const gap = Array<string>(right === undefined ? 0 : 8 - head.length - tail.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [i, group] of [...head, ...gap, ...tail].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  }
  return bytes;
}
