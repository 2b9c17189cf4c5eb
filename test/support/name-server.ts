import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { readDnsQuestion, renderDnsAnswer } from './dns-packet.ts';

/**
 * A name server of our own on loopback, with zones as a table:
 *
 *     const dns = await startNameServer({
 *       'example.org': { TXT: ['v=spf1 ip4:127.0.0.1 -all'], MX: [[10, 'mx.example.org']] },
 *       'www.example.org': { CNAME: 'example.org' },
 *       'broken.example': 'servfail',
 *     });
 *     const server = await startTestServer({ settings: { 'checks.spf_dkim_dmarc': 'true', 'checks.dns_servers': dns.address } });
 *
 * A name that is not in the table does not exist; a name that is, without the type that is asked for, has no data. What does not fit into
 * 512 octets of UDP is cut there and told by TCP.
 */
export interface TestDns {
  /** `127.0.0.1:PORT`, as `checks.dns_servers` takes it. */
  readonly address: string;
  /** What was asked, in order: `example.org TXT`. */
  readonly asked: readonly string[];
  /** Adds names, or says something else of them from now on. */
  tell(zones: Zones): void;
  close(): Promise<void>;
}

export type Zones = Readonly<Record<string, Zone>>;
export type Zone =
  | Records
  /** RCODE 2. */
  | 'servfail'
  /** No answer at all. */
  | 'silent'
  /** An answer to another question than the one that was asked. */
  | 'wrong'
  /** Octets that are no DNS message. */
  | 'garbage';

export interface Records {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  /** Longer than 255 octets: split into strings, as name servers do. */
  readonly TXT?: readonly string[];
  readonly MX?: readonly (readonly [number, string])[];
  readonly PTR?: readonly string[];
  /** Followed within the table, round and round where it is a circle. */
  readonly CNAME?: string;
  /** Seconds; default 300. */
  readonly ttl?: number;
}

/** `wanted`: the port, 53 where a program is asked that knows no other; 0: any that is free. */
export async function startNameServer(zones: Zones, wanted = 0): Promise<TestDns> {
  const table = new Map<string, Zone>();
  const asked: string[] = [];
  const tell = (more: Zones) => {
    for (const [name, zone] of Object.entries(more)) table.set(name.toLowerCase(), zone);
  };
  tell(zones);
  const answer = (query: Buffer, limit: number): Buffer | undefined => {
    const question = readDnsQuestion(query);
    if (!question) return undefined;
    asked.push(`${question.name} ${question.type}`);
    return renderDnsAnswer(question, table, limit);
  };
  const { udp, tcp, port } = await listenOnBoth(answer, wanted);
  const close = async () => {
    if (!tcp.listening) return;
    udp.close();
    tcp.close();
    await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
  };
  return { address: `127.0.0.1:${port}`, asked, tell, close };
}

/** The same port for UDP and TCP: the next one where somebody else has the second. */
async function listenOnBoth(
  answer: (query: Buffer, limit: number) => Buffer | undefined,
  wanted: number,
): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (;;) {
    const udp = createSocket('udp4');
    udp.bind(wanted, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer((socket) => serveTcp(socket, answer));
    tcp.listen(port, '127.0.0.1');
    const listening = await once(tcp, 'listening').then(
      () => true,
      () => false,
    );
    if (!listening) {
      udp.close();
      continue;
    }
    udp.on('message', (query: Buffer, { address, port: from }: RemoteInfo) => {
      const reply = answer(query, 512);
      if (reply) udp.send(reply, from, address);
    });
    return { udp, tcp, port };
  }
}

/** RFC 1035 §4.2.2: each message after its length in two octets. */
function serveTcp(socket: Socket, answer: (query: Buffer, limit: number) => Buffer | undefined): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = answer(pending.subarray(2, end), 65_535);
      pending = pending.subarray(end);
      if (!reply) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}
